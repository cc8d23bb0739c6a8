using System.Collections.ObjectModel;
using System.Text.Json;

namespace PluginHost.Sdk;

/// <summary>A session's record in a session store. Immutable.</summary>
public sealed record SessionRecord
{
    /// <summary>Tenant and id.</summary>
    public required SessionKey Key { get; init; }

    /// <summary>Starts at 1 and rises by one with every save.</summary>
    public required long Version { get; init; }

    /// <summary>When the session was created, in UTC. Lists of sessions are sorted by this time, then by id.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When the session was last saved, in UTC.</summary>
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>The caller's metadata.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = ReadOnlyDictionary<string, string>.Empty;

    /// <summary>The plugins' state by scope; each value is a JSON object.</summary>
    public IReadOnlyDictionary<string, JsonElement> State { get; init; } = ReadOnlyDictionary<string, JsonElement>.Empty;

    /// <summary>The session's id at the model service that keeps the history; null when the service keeps none.</summary>
    public string? ServiceSessionId { get; init; }

    /// <summary>The chat client that gave <see cref="ServiceSessionId"/>; null when there is no such id.</summary>
    public string? ServiceClient { get; init; }

    /// <summary>The source id of the history provider that holds the messages; null before the first run.</summary>
    public string? History { get; init; }

    /// <summary>The fingerprint of the transcript that the caller has seen; null before the first run.</summary>
    public TranscriptMark? Transcript { get; init; }

    /// <summary>The id of the last run; null before the first run.</summary>
    public string? LastRunId { get; init; }

    /// <summary>The W3C traceparent of the last run; null when it was not traced.</summary>
    public string? LastTraceParent { get; init; }

    /// <summary>Unknown members of an imported snapshot, kept for the next export.</summary>
    public IReadOnlyDictionary<string, JsonElement> Extensions { get; init; } = ReadOnlyDictionary<string, JsonElement>.Empty;

    internal UnknownMembers? Unknown { get; init; }

    /// <summary>Reads a record back from its document.</summary>
    /// <param name="document">What <see cref="ToDocument"/> of this or another version of the SDK wrote.</param>
    /// <returns>The record, with the members that this version does not know.</returns>
    /// <exception cref="JsonException">It is not the document of a session.</exception>
    public static SessionRecord FromDocument(ReadOnlySpan<byte> document) => Document.Read(document, SessionDocument.Read);

    /// <summary>
    /// Writes the whole record as a document: UTF-8 JSON without line feeds, in the format of docs/plugins/stores.md. A store keeps it
    /// as it is, and copies into columns only what its queries need. A store that keeps <see cref="State"/>, <see cref="Metadata"/> or
    /// <see cref="Extensions"/> elsewhere writes the document of a copy without them, and adds them after reading.
    /// </summary>
    public ReadOnlyMemory<byte> ToDocument() => Document.Write(this, SessionDocument.Write);

    /// <summary>Id and version: content does not belong into logs.</summary>
    public override string ToString() => $"SessionRecord {Key.Id} version {Version}";
}
