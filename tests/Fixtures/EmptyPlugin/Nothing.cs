namespace EmptyPlugin;

/// <summary>A plugin assembly without a registration.</summary>
public static class Nothing
{
    public static string Say() => "";
}
