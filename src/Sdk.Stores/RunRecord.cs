using System.Collections.ObjectModel;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace PluginHost.Sdk;

/// <summary>The state of a run.</summary>
public enum RunStatus
{
    /// <summary>The run waits for an earlier run of the session.</summary>
    Queued,

    /// <summary>The run is in progress.</summary>
    Running,

    /// <summary>The run ended with a complete, stored answer.</summary>
    Completed,

    /// <summary>The run ended with an error.</summary>
    Failed,

    /// <summary>The run was cancelled.</summary>
    Cancelled,

    /// <summary>The run ended with open calls of the caller's tools. Their results are the input of the next run.</summary>
    RequiresAction,
}

/// <summary>A run's record in a session store. Immutable.</summary>
public sealed record RunRecord
{
    /// <summary>The run's id.</summary>
    public required string Id { get; init; }

    /// <summary>The session.</summary>
    public required SessionKey Session { get; init; }

    /// <summary>The agent.</summary>
    public required string Agent { get; init; }

    /// <summary>The status; a run that was saved has ended, and one in a journal has not.</summary>
    public required RunStatus Status { get; init; }

    /// <summary>When the run was accepted, in UTC. Lists of runs are sorted by first save.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When the run ended, in UTC; null before.</summary>
    public DateTimeOffset? CompletedAt { get; init; }

    /// <summary>The attempt, 1 or more. A later attempt replaces the record of an earlier one. Default: 1.</summary>
    public int Attempt { get; init; } = 1;

    /// <summary>The output that was delivered to the caller.</summary>
    public IReadOnlyList<ChatMessage> Output { get; init; } = [];

    /// <summary>Tokens used; null when the model reported none.</summary>
    public UsageDetails? Usage { get; init; }

    /// <summary>What the model got of the session's history; null when the model was not called, and for records of earlier versions.</summary>
    public RunContextUse? Context { get; init; }

    /// <summary>Why the model stopped, for example <c>stop</c> or <c>length</c>; null when it did not say.</summary>
    public string? FinishReason { get; init; }

    /// <summary>The error; null unless the run failed.</summary>
    public RunError? Error { get; init; }

    /// <summary>Source ids of plugins that failed and were skipped.</summary>
    public IReadOnlyList<string> Skipped { get; init; } = [];

    /// <summary>What failed without ending the run: plugins that were skipped, and tools whose error the model got. At most 20.</summary>
    public IReadOnlyList<PluginFailure> Failures { get; init; } = [];

    /// <summary>The trace id; null when the run was not traced.</summary>
    public string? TraceId { get; init; }

    /// <summary>
    /// The caller's idempotency key; null when the request had none. Unique per tenant: a run saved with the key of another run
    /// takes the key over, and a query by the key then finds only the new run.
    /// </summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>The hash of the request's body, which distinguishes a retry from another request with the same key; null without a key.</summary>
    public string? RequestHash { get; init; }

    /// <summary>The caller's metadata of the run.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = ReadOnlyDictionary<string, string>.Empty;

    /// <summary>Request values that the HTTP interface returns with the run, in a private format; opaque to stores. Null for none.</summary>
    public JsonElement? Details { get; init; }

    /// <summary>
    /// How <see cref="Output"/> was delivered in a stream, in a private format; opaque to stores. Null when it was not streamed. Lists of
    /// runs may leave it out, as they may the output.
    /// </summary>
    public JsonElement? Outline { get; init; }

    internal UnknownMembers? Unknown { get; init; }

    /// <summary>Reads a record back from its document.</summary>
    /// <param name="document">What <see cref="ToDocument"/> of this or another version of the SDK wrote.</param>
    /// <returns>The record, with the members that this version does not know.</returns>
    /// <exception cref="JsonException">It is not the document of a run.</exception>
    public static RunRecord FromDocument(ReadOnlySpan<byte> document) => Document.Read(document, RunDocument.Read);

    /// <summary>Reads a record without its <see cref="Output"/>, which a search does not need. Never save such a record.</summary>
    /// <param name="document">What <see cref="ToDocument"/> of this or another version of the SDK wrote.</param>
    /// <returns>The record, with an empty output.</returns>
    /// <exception cref="JsonException">It is not the document of a run.</exception>
    public static RunRecord FromDocumentWithoutOutput(ReadOnlySpan<byte> document) => Document.Read(document, RunDocument.ReadWithoutOutput);

    /// <summary>
    /// Writes the whole record as a document: UTF-8 JSON without line feeds, in the format of docs/plugins/stores.md. A store keeps it
    /// as it is, and copies into columns only what its queries need.
    /// </summary>
    /// <exception cref="NotSupportedException">The output holds an object that cannot be written as JSON.</exception>
    public ReadOnlyMemory<byte> ToDocument() => Document.Write(this, RunDocument.Write);

    /// <summary>Id and status: content does not belong into logs.</summary>
    public override string ToString() => $"RunRecord {Id} {Status}";
}
