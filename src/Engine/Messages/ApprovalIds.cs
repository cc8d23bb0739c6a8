namespace PluginHost.Engine.Messages;

/// <summary>The ids of approvals. Each names its run, so that it is found without an index.</summary>
internal static class ApprovalIds
{
    private const string Prefix = "apr_";

    /// <param name="key">The key of the call: the id of its run, a point, and a hash of the call.</param>
    public static string FromCallKey(string key) => Prefix + key;

    /// <summary>The run of an approval; null when it is not the id of one.</summary>
    public static string? RunOf(string id)
    {
        var end = id.LastIndexOf('.');
        return id.StartsWith(Prefix, StringComparison.Ordinal) && end > Prefix.Length ? id[Prefix.Length..end] : null;
    }
}
