namespace PluginHost.Engine.Sessions.Store;

/// <summary>What callers may keep with a session or a run.</summary>
internal static class MetadataLimits
{
    public const int MaxPairs = 16;
    public const int MaxKeyLength = 64;
    public const int MaxValueLength = 512;
}
