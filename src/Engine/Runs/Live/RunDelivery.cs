using Microsoft.Extensions.AI;
using PluginHost.Sdk;

namespace PluginHost.Engine.Runs.Live;

/// <summary>What a run delivers to its callers: its output as numbered events, which continue those of earlier attempts. Thread-safe.</summary>
internal sealed class RunDelivery
{
    // Of a run that has ended: it takes nothing.
    private static readonly RunOutput Complete = CreateComplete();

    private readonly RunFeed _feed = new();
    private ResumedOutput? _resumed;
    private bool _hasLateInput;

    public RunDelivery() => Output = RunOutput.Create((update, _) =>
    {
        if (_resumed is null) Deliver(update);
        else _resumed.Write(update);
        return default;
    });

    /// <summary>Where the outermost stage writes.</summary>
    public RunOutput Output { get; private set; }

    /// <summary>Receives every update that is delivered, for the journal; null for none.</summary>
    public Action<ChatResponseUpdate>? Delivered { get; set; }

    /// <summary>All updates of this attempt that callers may have received, and those of earlier ones.</summary>
    public IReadOnlyList<ChatResponseUpdate> Updates => _feed.Updates;

    /// <summary>The same when they differ from the output: those of all attempts, and what follows the output. Null when the output has them.</summary>
    public IReadOnlyList<ChatResponseUpdate>? UpdatesBesideOutput => _resumed is null && !_hasLateInput ? null : _feed.Updates;

    /// <inheritdoc cref="RunFeed.ReadAsync"/>
    public RunFeedReader ReadAsync(long afterId, CancellationToken cancellationToken) => _feed.ReadAsync(afterId, cancellationToken);

    /// <inheritdoc cref="RunFeed.Measure"/>
    public long Measure() => _feed.Measure();

    /// <summary>Lets callers see that the run has begun, and what it has put out since.</summary>
    public void Begin(RunRecord run) => _feed.Begin(run);

    /// <summary>There are no more events in this process.</summary>
    public void Leave() => _feed.Leave();

    /// <inheritdoc cref="RunFeed.End"/>
    public void End(RunRecord run) => _feed.End(run);

    /// <summary>The run has ended, and is kept for callers who come back: drops what they do not need.</summary>
    /// <param name="dropsUnread">Whether no caller can know how its output was cut, unless a reader has asked for its events.</param>
    public void Compact(bool dropsUnread)
    {
        if (dropsUnread && _resumed is null && !_hasLateInput) _feed.DropUnread();
        (Output, Delivered, _resumed) = (Complete, null, null);
    }

    /// <summary>Adds output that was delivered before.</summary>
    public void Replay(IEnumerable<ChatResponseUpdate> updates)
    {
        foreach (var update in updates) _feed.Add(update);
    }

    /// <summary>Earlier attempts have delivered output already: it keeps its place among the events, and is not delivered again.</summary>
    /// <param name="updates">The output.</param>
    /// <param name="wasLeft">Whether none of it is missing.</param>
    /// <param name="attempt">The attempt that continues.</param>
    public void Resume(IReadOnlyList<ChatResponseUpdate> updates, bool wasLeft, int attempt)
    {
        Replay(updates);
        _resumed = new ResumedOutput(updates, wasLeft, attempt, Deliver);
    }

    /// <summary>Delivers what the host itself has to say. No plugin sees it.</summary>
    public void DeliverOwn(ChatResponseUpdate update) => Deliver(update);

    /// <summary>The run has no more output.</summary>
    /// <param name="isComplete">Whether it has all its output.</param>
    public void EndOutput(bool isComplete) => _resumed?.Complete(isComplete);

    /// <summary>Input that came too late for the model is part of the run, behind its output.</summary>
    public void DeliverLate(IReadOnlyList<ChatMessage> input)
    {
        if (input.Count == 0) return;
        _hasLateInput = true;
        for (var i = 0; i < input.Count; i++) Deliver(RunInput.ToUpdate(input[i]));
    }

    private static RunOutput CreateComplete()
    {
        var output = RunOutput.Create();
        _ = output.CompleteAsync(CancellationToken.None).AsTask();
        return output;
    }

    private void Deliver(ChatResponseUpdate update)
    {
        _feed.Add(update);
        Delivered?.Invoke(update);
    }
}
