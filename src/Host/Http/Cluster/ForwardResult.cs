namespace PluginHost.Http.Cluster;

/// <summary>What became of a request that was passed on.</summary>
internal enum ForwardResult
{
    /// <summary>The caller has the answer of the other host.</summary>
    Answered,

    /// <summary>The other host did not take the request, so that it can be sent again.</summary>
    NotTaken,

    /// <summary>The same, and at the address of the other host a third one answers.</summary>
    WrongHost,
}
