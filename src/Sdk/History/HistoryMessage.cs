using Microsoft.Extensions.AI;

namespace PluginHost.Sdk;

/// <summary>Where a message of a run came from.</summary>
public enum MessageOrigin
{
    /// <summary>The caller sent it.</summary>
    Input,

    /// <summary>The model, a tool or a middleware produced it.</summary>
    Output,

    /// <summary>A context provider added it.</summary>
    Context,
}

/// <summary>One message of a history. Immutable. <see cref="Message"/> is immutable by convention: clone it before changing it.</summary>
public sealed record HistoryMessage
{
    /// <summary>Identifies the message within its session. The host chooses it; it never changes.</summary>
    public required string Id { get; init; }

    /// <summary>Where the message came from.</summary>
    public required MessageOrigin Origin { get; init; }

    /// <summary>The message. Its <see cref="ChatMessage.MessageId"/> comes from the model and differs from <see cref="Id"/>.</summary>
    public required ChatMessage Message
    {
        get;
        init => (field, Weight) = (value, default);
    }

    /// <summary>The source id of the plugin that added the message; null when it came from the caller or the model.</summary>
    public string? Source { get; init; }

    /// <summary>The run of the message; null when it was added outside a run. On append, the same as that of <see cref="HistoryAppend"/>.</summary>
    public string? RunId { get; init; }

    /// <summary>The agent of the run. On append, the same as that of <see cref="HistoryAppend"/>.</summary>
    public string? Agent { get; init; }

    /// <summary>How the run ended. On append, the same as that of <see cref="HistoryAppend"/>.</summary>
    public RunOutcome Outcome { get; init; }

    /// <summary>The error type of the run; null unless it failed.</summary>
    public string? ErrorType { get; init; }

    /// <summary>When the message was stored, in UTC: on append, the time of <see cref="HistoryAppend"/>.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>
    /// Whether the message stays when older ones are left out: the caller has pinned it, so that the member <c>pinned</c> of the
    /// <see cref="ChatMessage.AdditionalProperties"/> is true, or it has an item <c>compaction</c> of the Responses interface, which replaces
    /// what came before it.
    /// </summary>
    public bool IsPinned => PinMark.Is(Message) || CompactionMark.IsIn(Message);

    internal UnknownMembers? Unknown { get; init; }

    /// <summary>Written by any run that loads the message: all find the same.</summary>
    internal FoundWeight Weight { get; set; }

    /// <summary>Reads a message back from its document.</summary>
    /// <param name="document">What <see cref="ToDocument"/> of this or another version of the SDK wrote.</param>
    /// <returns>The message, with the members that this version does not know.</returns>
    /// <exception cref="System.Text.Json.JsonException">It is not the document of a message.</exception>
    public static HistoryMessage FromDocument(ReadOnlySpan<byte> document) => Document.Read(document, HistoryMessageDocument.Read);

    /// <summary>
    /// Writes the whole message as a document: UTF-8 JSON without line feeds, in the format of docs/plugins/stores.md. A history keeps
    /// it as it is, and copies into columns only what its queries need.
    /// </summary>
    /// <exception cref="NotSupportedException">The message holds an object that cannot be written as JSON.</exception>
    public ReadOnlyMemory<byte> ToDocument() => Document.Write(this, HistoryMessageDocument.Write);

    /// <summary>The message's id: content does not belong into logs.</summary>
    public override string ToString() => $"HistoryMessage {Id}";
}
