using Microsoft.Extensions.AI;

namespace PluginHost.Sdk;

/// <summary>The response of a run, as one place in the chain receives it. Immutable.</summary>
public sealed record RunResponse
{
    private readonly IReadOnlyList<ChatResponseUpdate>? _updates;
    private readonly int _start;
    private readonly int _end;
    private ChatResponse? _rebuilt;
    private IReadOnlyList<ChatMessage>? _messages;

    /// <summary>An empty response.</summary>
    public RunResponse()
    {
    }

    /// <summary>A response that is built from updates on first use.</summary>
    internal RunResponse(IReadOnlyList<ChatResponseUpdate> updates, int start, int end)
    {
        _updates = updates;
        _start = start;
        _end = end;
    }

    /// <summary>The output messages in order, including tool calls and their results.</summary>
    public IReadOnlyList<ChatMessage> Messages
    {
        get => field ?? (_messages ??= Rebuild()?.Messages.ToArray() ?? []);
        init;
    }

    /// <summary>Tokens used by all model calls of the run so far; null when the model reported none.</summary>
    public UsageDetails? Usage
    {
        get => field ?? Rebuild()?.Usage;
        init;
    }

    /// <summary>Why the model stopped; null when it did not say.</summary>
    public ChatFinishReason? FinishReason
    {
        get => field ?? Rebuild()?.FinishReason;
        init;
    }

    /// <summary>The text of all assistant messages, concatenated.</summary>
    public string Text => string.Concat(Messages.Where(m => m.Role == ChatRole.Assistant).Select(m => m.Text));

    /// <summary>Creates a response of one assistant message, for a middleware that answers without the model.</summary>
    /// <param name="text">The text.</param>
    /// <returns>The response.</returns>
    public static RunResponse FromText(string text) => new() { Messages = [new ChatMessage(ChatRole.Assistant, text)] };

    private ChatResponse? Rebuild()
    {
        if (_rebuilt is not null || _updates is null) return _rebuilt;
        // Set when it is complete: others may read it at the same time.
        if (JoinedText.TryJoin(_updates, _start, _end, out var joined)) return _rebuilt = joined;
        var range = new List<ChatResponseUpdate>(_end - _start);
        for (var i = _start; i < _end; i++) range.Add(_updates[i]);
        return _rebuilt = range.ToChatResponse();
    }

    /// <summary>Names it for a log: ids, never text of messages.</summary>
    public override string ToString() => nameof(RunResponse);
}

/// <summary>How a run ended, for observers. Immutable.</summary>
public sealed record RunResult
{
    /// <summary>The outcome.</summary>
    public required RunOutcome Outcome { get; init; }

    /// <summary>The response at the observer's place in the chain; partial or empty unless completed.</summary>
    public required RunResponse Response { get; init; }

    /// <summary>The low-cardinality type of the error; null unless failed.</summary>
    public string? ErrorType { get; init; }

    /// <summary>Names it for a log: ids, never text of messages.</summary>
    public override string ToString() => ErrorType is null ? $"{Outcome}" : $"{Outcome} ({ErrorType})";
}
