using Microsoft.Extensions.AI;
using PluginHost.Engine.Errors;

namespace PluginHost.Engine.Explain;

/// <summary>Records one call of the model. Thread-safe.</summary>
internal sealed class CallRecorder(IReadOnlyList<PassedClient> path, ChatMessage[] messages, ChatOptions options, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly List<ChatResponseUpdate> _updates = [];
    private readonly long _start = time.GetTimestamp();
    private HashSet<string>? _answered;
    private long? _end;
    private Exception? _error;

    /// <summary>Gets the hash of what the client sends.</summary>
    public SentBody Sent { get; } = new();

    public void Add(ChatResponseUpdate update)
    {
        lock (_lock)
        {
            _updates.Add(update);
            for (var i = 0; i < update.Contents.Count; i++)
            {
                // The tool loop marks the calls that it answers in the same way.
                if (update.Contents[i] is FunctionCallContent { InformationalOnly: true } call) (_answered ??= []).Add(call.CallId);
            }
        }
    }

    public void Fail(Exception error)
    {
        lock (_lock) _error = error;
    }

    public void End()
    {
        lock (_lock) _end = time.GetTimestamp();
    }

    /// <summary>How many bytes of content the answer has.</summary>
    public long Measure(ITokenEstimate weights)
    {
        lock (_lock) return _updates.Sum(u => weights.Measure(u.Contents));
    }

    public RecordedCall Read()
    {
        lock (_lock) return new(path, messages, options, _start) { End = _end, Updates = [.. _updates], Error = _error, BodySha256 = Sent.Sha256, AnsweredCalls = _answered is null ? [] : [.. _answered] };
    }
}

/// <summary>Why a call of the model failed, as its callers learn it.</summary>
internal sealed record ExplainedError(string Type, string Message)
{
    public static ExplainedError From(Exception error)
    {
        if (error is OperationCanceledException) return new(ErrorTypes.Cancelled, "The call was cancelled.");
        var known = ModelRunError.From(error);
        return new(known.Type, known.Message);
    }
}
