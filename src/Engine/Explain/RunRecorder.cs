using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Sdk;

namespace PluginHost.Engine.Explain;

/// <summary>
/// Records what one run passes on to its model, and who gave it. It keeps references: nothing on the run's way is copied, compared or
/// written. Thread-safe.
/// </summary>
/// <param name="run">The run when it began.</param>
/// <param name="agentInstructions">The agent's own instructions.</param>
/// <param name="time">The clock.</param>
internal sealed class RunRecorder(RunRecord run, string? agentInstructions, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly List<PassedStage> _stages = new(6);
    private readonly List<LoadedPage> _pages = new(1);
    private readonly List<PassedClient> _path = new(2);
    private readonly List<CallRecorder> _calls = new(1);
    private readonly List<PassedTool> _tools = [];
    private readonly List<ChatMessage> _given = [];
    private readonly List<GivenContext> _contributions = [];
    private IReadOnlyList<string> _openServiceCalls = [];
    private readonly DateTimeOffset _startedAt = time.GetUtcNow();
    private readonly long _start = time.GetTimestamp();
    private ChatMessage[] _composed = [];

    public SessionKey Session => run.Session;

    public string RunId => run.Id;

    public int Attempt => run.Attempt;

    /// <summary>When the run ended; null while it is in progress. Guarded by the lock of what keeps it.</summary>
    public long? EndedAt { get; set; }

    /// <summary>Whether the run has entered its chain.</summary>
    public bool HasBegun
    {
        get
        {
            lock (_lock) return _stages.Count > 0;
        }
    }

    /// <summary>Writes the command without its input.</summary>
    public Func<JsonElement>? WriteCommand { get; set; }

    /// <summary>What was known of what the model takes when the run entered its chain.</summary>
    public KnownWindow? Window { get; set; }

    /// <summary>The run enters a stage.</summary>
    public void Enter(string? plugin, StageKind kind, RunRequest request, IReadOnlyList<ChatMessage> input, string? fingerprint)
    {
        lock (_lock) _stages.Add(new(plugin, kind, request, input, time.GetTimestamp(), fingerprint));
    }

    /// <summary>A history was loaded.</summary>
    public void Load(string plugin, HistoryQuery query, Page<HistoryMessage> page, IReadOnlyList<HistoryMessage> kept)
    {
        lock (_lock) _pages.Add(new(plugin, query, page, kept));
    }

    /// <summary>A context provider has given.</summary>
    public void Give(string plugin, string fingerprint, ContextContribution given)
    {
        lock (_lock) _contributions.Add(new(_stages.Count, plugin, fingerprint, given));
    }

    /// <summary>The chain has given all its messages; they are not joined and balanced yet.</summary>
    public void Compose(IReadOnlyList<ChatMessage> messages, IReadOnlyList<string> openServiceCalls)
    {
        lock (_lock) (_composed, _openServiceCalls) = ([.. messages], openServiceCalls);
    }

    /// <summary>The tool loop calls the model.</summary>
    /// <param name="messages">The messages.</param>
    /// <param name="options">The instructions.</param>
    /// <param name="given">Those of them that callers have given since the last call.</param>
    public IEnumerable<ChatMessage> Ask(IEnumerable<ChatMessage> messages, ChatOptions? options, IReadOnlyList<ChatMessage> given)
    {
        lock (_lock)
        {
            _path.Clear();
            _given.AddRange(given);
            return Pass(null, messages, options);
        }
    }

    /// <summary>A chat middleware is called.</summary>
    /// <returns>The messages, which may be a sequence that can be read once.</returns>
    public IEnumerable<ChatMessage> Wrap(string plugin, IEnumerable<ChatMessage> messages, ChatOptions? options)
    {
        lock (_lock)
        {
            // A middleware outside of it has called it again.
            var before = _path.FindIndex(p => p.Plugin == plugin);
            if (before >= 0) _path.RemoveRange(before, _path.Count - before);
            return Pass(plugin, messages, options);
        }
    }

    /// <summary>The model's client is called.</summary>
    public CallRecorder BeginCall(ref IEnumerable<ChatMessage> messages, ChatOptions? options)
    {
        lock (_lock)
        {
            var snapshot = Snapshot(messages);
            if (messages is not IReadOnlyList<ChatMessage>) messages = snapshot;
            var call = new CallRecorder([.. _path], snapshot, options?.Clone() ?? new ChatOptions(), time);
            _calls.Add(call);
            return call;
        }
    }

    /// <summary>Records a call of a tool.</summary>
    public async ValueTask<object?> ObserveToolAsync(string callId, string name, string? plugin, Func<ValueTask<object?>> call)
    {
        var start = time.GetTimestamp();
        try
        {
            var result = await call();
            Add(result, null);
            return result;
        }
        catch (Exception e)
        {
            Add(null, e);
            throw;
        }

        void Add(object? result, Exception? error)
        {
            lock (_lock) _tools.Add(new(callId, name, plugin, start, time.GetTimestamp(), result, error));
        }
    }

    /// <summary>About how many bytes of content it holds: what was loaded, sent, given, answered and returned by tools.</summary>
    public long Measure(ITokenEstimate weights)
    {
        lock (_lock)
        {
            return _pages.Sum(p => p.Page.Items.Sum(m => weights.Measure(m.Message.Contents)))
                + _stages.Take(1).Sum(s => s.Input.Sum(m => weights.Measure(m.Contents)))
                + _contributions.Sum(c => c.Contribution.Messages.Sum(m => weights.Measure(m.Contents)))
                + _given.Sum(m => weights.Measure(m.Contents))
                + _calls.Sum(c => c.Measure(weights))
                + _tools.Sum(t => weights.Measure([new FunctionResultContent(t.CallId, t.Result)]));
        }
    }

    public RunRecording Read()
    {
        lock (_lock)
        {
            return new(run, agentInstructions, _startedAt, _start)
            {
                Stages = [.. _stages],
                Pages = [.. _pages],
                Contributions = [.. _contributions],
                OpenServiceCalls = _openServiceCalls,
                WriteCommand = WriteCommand,
                Window = Window,
                Composed = _composed,
                Given = [.. _given],
                Calls = [.. _calls.Select(c => c.Read())],
                Tools = [.. _tools],
            };
        }
    }

    private IEnumerable<ChatMessage> Pass(string? plugin, IEnumerable<ChatMessage> messages, ChatOptions? options)
    {
        var snapshot = Snapshot(messages);
        _path.Add(new(plugin, snapshot, options?.Instructions, time.GetTimestamp()));
        return messages as IReadOnlyList<ChatMessage> ?? snapshot;
    }

    /// <summary>The tool loop adds to its list later. Most places pass on what they got, which is kept once.</summary>
    private ChatMessage[] Snapshot(IEnumerable<ChatMessage> messages)
    {
        if (messages is ChatMessage[] array) return array;
        if (messages is not IReadOnlyList<ChatMessage> list || _path.Count == 0) return [.. messages];
        var last = _path[^1].Messages;
        if (last.Length != list.Count) return [.. list];
        for (var i = 0; i < last.Length; i++)
        {
            if (!ReferenceEquals(last[i], list[i])) return [.. list];
        }

        return last;
    }
}
