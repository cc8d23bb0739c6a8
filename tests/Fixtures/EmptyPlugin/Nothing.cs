namespace EmptyPlugin;

/// <summary>Registers nothing.</summary>
public static class Nothing
{
    public static string Say() => "";
}
