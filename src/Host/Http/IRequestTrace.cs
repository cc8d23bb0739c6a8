namespace PluginHost.Http;

/// <summary>Tells which trace a request belongs to. Optional: without one, problems carry the server's own request identifier.</summary>
internal interface IRequestTrace
{
    /// <summary>The trace id of the request in progress; null when it is not traced.</summary>
    string? TraceId { get; }
}
