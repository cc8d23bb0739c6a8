using Microsoft.Extensions.AI;

namespace PluginHost.Engine.Runs.Live;

/// <summary>What became of messages for a run in progress.</summary>
internal enum InputAnswer
{
    /// <summary>The run has them.</summary>
    Accepted,

    /// <summary>The run has had them since an earlier request with the same key.</summary>
    Repeated,

    /// <summary>The key came with another request before.</summary>
    KeyReused,

    /// <summary>The run was given too many messages.</summary>
    Full,

    /// <summary>The run has not begun.</summary>
    NotBegun,

    /// <summary>The run calls its model no more.</summary>
    Closed,
}

/// <summary>
/// The messages that callers give to a run in progress. The next call of the model takes them; the run ends only when none wait, or when
/// it cannot call its model any more. Thread-safe.
/// </summary>
internal sealed class RunInbox(string runId)
{
    private readonly Lock _lock = new();
    private List<ChatMessage> _waiting = [];
    private List<AcceptedInput>? _accepted;
    private int _count;
    private bool _isOpen;
    private bool _isClosed;

    /// <summary>The inbox of all runs that have ended and were given nothing.</summary>
    public static RunInbox Ended { get; } = CreateEnded();

    /// <summary>Whether the run was given nothing.</summary>
    public bool IsUnused
    {
        get { lock (_lock) return _accepted is null && _waiting.Count == 0; }
    }

    /// <summary>Makes input durable, and says whether it is; null when nothing of the run is kept while it is in progress.</summary>
    public Func<RunInput, ValueTask<bool>>? Keep { get; set; }

    /// <summary>How many messages the run was given.</summary>
    public int Count
    {
        get { lock (_lock) return _count; }
    }

    /// <summary>The keys of the requests that gave input.</summary>
    public IReadOnlyList<string> Keys
    {
        get { lock (_lock) return _accepted is null ? [] : [.. _accepted.Select(i => i.Key).OfType<string>()]; }
    }

    /// <summary>Takes input from now on: callers know that the run has begun, and it cannot be refused any more.</summary>
    public void Open()
    {
        lock (_lock) _isOpen = true;
    }

    /// <summary>Input that an earlier attempt accepted. What no recorded answer has taken waits again.</summary>
    public void Restore(IEnumerable<RunInput> inputs, IReadOnlySet<string> taken)
    {
        lock (_lock)
        {
            foreach (var input in inputs)
            {
                (_accepted ??= []).Add(new AcceptedInput(input, keep: null));
                _waiting.AddRange(input.Messages.Where(m => !taken.Contains(m.MessageId!)));
                _count = input.First + input.Messages.Count;
            }
        }
    }

    /// <summary>Accepts messages, all or none.</summary>
    /// <param name="input">The messages.</param>
    /// <param name="limit">How many messages a run may be given.</param>
    /// <param name="accepted">What has to be kept before the caller gets an answer; null when nothing is accepted.</param>
    public InputAnswer Add(RunInput input, int limit, out AcceptedInput? accepted)
    {
        lock (_lock)
        {
            accepted = Find(input.IdempotencyKey);
            if (accepted is { } known && known.RequestHash != input.RequestHash) return InputAnswer.KeyReused;
            if (accepted is not null) return InputAnswer.Repeated;
            if (_isClosed) return InputAnswer.Closed;
            if (!_isOpen) return InputAnswer.NotBegun;
            if (_count + input.Messages.Count > limit) return InputAnswer.Full;
            var identified = input.Identify(runId, _count);
            (_accepted ??= []).Add(accepted = new AcceptedInput(identified, Keep));
            _waiting.AddRange(identified.Messages);
            _count += identified.Messages.Count;
            return InputAnswer.Accepted;
        }
    }

    /// <summary>Whether a command's input was given to the run.</summary>
    public bool Has(RunCommand command)
    {
        lock (_lock) return _accepted?.Exists(i => ReferenceEquals(i.Identity, command.Identity)) == true;
    }

    /// <summary>The hash of the request that gave input with a key; null when none did.</summary>
    public string? HashOf(string key)
    {
        lock (_lock) return Find(key)?.RequestHash;
    }

    /// <summary>Makes input durable that came with a key. Tries again when that has failed.</summary>
    public async ValueTask KeepAsync(string key)
    {
        AcceptedInput? accepted;
        lock (_lock) accepted = Find(key);
        if (accepted is not null) await accepted.KeepAsync();
    }

    /// <summary>Takes the messages that wait, for a call of the model.</summary>
    public IReadOnlyList<ChatMessage> Take()
    {
        lock (_lock)
        {
            if (_waiting.Count == 0) return [];
            var taken = _waiting;
            _waiting = [];
            return taken;
        }
    }

    /// <summary>Takes no more messages, unless some wait.</summary>
    /// <returns>Whether none wait.</returns>
    public bool TryClose()
    {
        lock (_lock) return _waiting.Count == 0 && (_isClosed = true);
    }

    /// <summary>Takes no more messages, and gives those back that no call of the model took.</summary>
    public IReadOnlyList<ChatMessage> Close()
    {
        lock (_lock)
        {
            _isClosed = true;
            return Take();
        }
    }

    /// <summary>Takes no more messages, and makes those durable that it has: a later attempt gives them to the model.</summary>
    public async ValueTask CloseForNowAsync()
    {
        AcceptedInput[] accepted;
        lock (_lock)
        {
            _isClosed = true;
            accepted = [.. _accepted ?? []];
        }

        foreach (var input in accepted) await input.KeepAsync();
    }

    private static RunInbox CreateEnded()
    {
        var ended = new RunInbox("");
        ended.Close();
        return ended;
    }

    private AcceptedInput? Find(string? key) => key is null ? null : _accepted?.Find(i => i.Key == key);
}
