namespace PluginHost.Sdk;

/// <summary>One write of a run's explanation. Immutable.</summary>
public sealed record ExplanationWrite
{
    /// <summary>The session of the run.</summary>
    public required SessionKey Session { get; init; }

    /// <summary>The id of the run.</summary>
    public required string RunId { get; init; }

    /// <summary>The explanation: a document of the host, UTF-8 JSON without line feeds, opaque to the store.</summary>
    public required ReadOnlyMemory<byte> Document { get; init; }

    /// <summary>How many bytes the explanations of the tenant may have together.</summary>
    public required long MaxTenantBytes { get; init; }

    /// <summary>Session, run and size: content does not belong into logs.</summary>
    public override string ToString() => $"ExplanationWrite {Session.Id} run {RunId}, {Document.Length} bytes";
}
