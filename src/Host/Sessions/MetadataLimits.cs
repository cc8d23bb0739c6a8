namespace PluginHost.Sessions;

/// <summary>What callers may keep with a session or a run.</summary>
public static class MetadataLimits
{
    public const int MaxPairs = 16;
    public const int MaxKeyLength = 64;
    public const int MaxValueLength = 512;
}
