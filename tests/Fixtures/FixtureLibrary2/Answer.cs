namespace FixtureLibrary;

/// <summary>A type whose members differ between the two versions of this library.</summary>
public static class Answer
{
    public static string GiveV2() => "version 2";
}
