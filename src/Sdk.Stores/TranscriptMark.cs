namespace PluginHost.Sdk;

/// <summary>
/// A rolling hash of the transcript that the caller has seen. With it the host recognises a resent transcript without reading the
/// history.
/// </summary>
public sealed record TranscriptMark
{
    /// <summary>The number of hashed UTF-16 characters of user and assistant text.</summary>
    public required int Count { get; init; }

    /// <summary>The hash of the first user message's text.</summary>
    public required string First { get; init; }

    /// <summary>The hash of all the text, in a form that the host can continue; opaque to stores.</summary>
    public required string Hash { get; init; }

    internal UnknownMembers? Unknown { get; init; }
}
