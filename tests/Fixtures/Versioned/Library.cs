namespace VersionedLibrary;

/// <summary>A private library of the plugin, in two versions.</summary>
public static class Library
{
    // A property: a constant would be copied into the plugin.
    public static string Version =>
#if SECOND
        "2";
#else
        "1";
#endif
}
