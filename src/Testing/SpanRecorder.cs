using System.Runtime.CompilerServices;
using PluginHost.Engine.Observation;

namespace PluginHost.Sdk.Testing;

/// <summary>Records what the engine reports of its work. Thread-safe.</summary>
internal sealed class SpanRecorder : HostObserver
{
    // A change ends with the asynchronous method that begins the operation, as the observer's contract says.
    private readonly AsyncLocal<TestSpan?> _current = new();
    private readonly Lock _lock = new();
    private List<TestSpan> _spans = [];

    public override bool IsEnabled => true;

    /// <summary>The spans since the last call, in the order in which they began.</summary>
    public IReadOnlyList<TestSpan> Take()
    {
        lock (_lock)
        {
            var taken = _spans;
            _spans = [];
            return taken;
        }
    }

    public override object? Begin(in ObservedOperation operation) =>
        Add(new() { Name = operation.Kind.Name, Plugin = operation.Plugin?.SourceId, Tool = operation.Tool?.Name, Parent = _current.Value });

    public override void End(object? state, in ObservedOperation operation, in ObservedEnd end)
    {
        if (state is not TestSpan span) return;
        (span.ErrorType, span.Skipped, span.Messages) = (end.ErrorType, end.Skipped, end.Messages);
    }

    public override void Resume(object? state) => _current.Value = state as TestSpan;

    public override object? BeginRun(ObservedRun run) => null;

    public override void AcceptRun(object? state, ObservedRun run)
    {
    }

    public override void DropRun(object? state)
    {
    }

    public override void RefuseRequest(string reason)
    {
    }

    public override void EndRun(object? state, ObservedRun run, RunRecord record)
    {
    }

    public override void RunAttached(ObservedRun run, string? traceParent, Attachment attachment)
    {
    }

    public override string? GetTraceParent(object? state) => null;

    public override IChatClient Observe(IChatClient client, string agent, string? plugin = null) => new ObservedClient(client, plugin, this);

    public override void ObserveContexts(Func<IReadOnlyDictionary<string, LoadedContexts>> count)
    {
    }

    private TestSpan Add(TestSpan span)
    {
        lock (_lock) _spans.Add(span);
        _current.Value = span;
        return span;
    }

    private sealed class ObservedClient(IChatClient inner, string? plugin, SpanRecorder recorder) : DelegatingChatClient(inner)
    {
        public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            var around = recorder._current.Value;
            recorder.Add(new() { Name = "chat", Plugin = plugin, Parent = around });
            recorder._current.Value = around;
            await foreach (var update in base.GetStreamingResponseAsync(messages, options, cancellationToken)) yield return update;
        }
    }
}
