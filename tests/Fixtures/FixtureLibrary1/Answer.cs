namespace FixtureLibrary;

/// <summary>Differs between the two versions of this library, in its members too.</summary>
public static class Answer
{
    public static string GiveV1() => "version 1";
}
