namespace PluginHost.Http.Cluster;

/// <summary>The body of a request that may have to be passed on to another host after it was read here.</summary>
internal sealed class ForwardableBody
{
    /// <summary>The body; null before it was read.</summary>
    public byte[]? Bytes { get; set; }
}
