using Microsoft.Extensions.AI;

namespace PluginHost.Sdk;

/// <summary>
/// Where the output of a run goes at one place in the chain: updates, as they arrive, for streamed and unstreamed runs
/// alike. Written by one stage at a time; not for concurrent use.
/// </summary>
public abstract class RunOutput
{
    private readonly List<ChatResponseUpdate> _updates = [];

    private protected RunOutput() => Updates = new CopyingList<ChatResponseUpdate>(_updates, Copies.Of);

    /// <summary>What was written here so far, in order: copies, each time anew, so that changing one changes nothing.</summary>
    public IReadOnlyList<ChatResponseUpdate> Updates { get; }

    /// <summary>An output that hands every update to a function; the host makes it, and tests of plugins may.</summary>
    /// <param name="deliver">Called for one update at a time; null to only collect them in <see cref="Updates"/>.</param>
    /// <returns>The output.</returns>
    public static RunOutput Create(Func<ChatResponseUpdate, CancellationToken, ValueTask>? deliver = null) =>
        new DeliveredOutput(deliver);

    /// <summary>Writes one update. It goes to the caller at once when the run is streamed.</summary>
    /// <param name="update">The update. It belongs to the output from now on.</param>
    /// <param name="cancellationToken">Cancels waiting for a slow reader.</param>
    /// <exception cref="InvalidOperationException">The output was completed.</exception>
    public ValueTask WriteAsync(ChatResponseUpdate update, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(update);
        if (IsCompleted) throw new InvalidOperationException("The output is complete: nothing can be written to it any more.");
        _updates.Add(update);
        return WriteCoreAsync(update, cancellationToken);
    }

    /// <summary>
    /// Ends the output, and lets text go that a function given to <see cref="Through"/> still holds back. The host calls it
    /// when the stage that the output was passed to has ended; calling it again has no effect.
    /// </summary>
    /// <param name="cancellationToken">Cancels waiting for a slow reader.</param>
    public ValueTask CompleteAsync(CancellationToken cancellationToken)
    {
        if (IsCompleted) return default;
        IsCompleted = true;
        return CompleteCoreAsync(cancellationToken);
    }

    /// <summary>
    /// An output that changes what is written to it on the way here. The function sees the updates as they are written and
    /// may hold back, change, split, join, add or drop them; when it ends early, later updates are dropped. What it throws is
    /// thrown to the writer.
    /// </summary>
    /// <param name="change">Turns the stream that is written into the stream that arrives here. Called when the first update is written or the output ends.</param>
    /// <returns>The output to pass on in <see cref="RunRequest.Output"/>.</returns>
    public RunOutput Through(Func<IAsyncEnumerable<ChatResponseUpdate>, IAsyncEnumerable<ChatResponseUpdate>> change)
    {
        ArgumentNullException.ThrowIfNull(change);
        return new ChangedOutput(this, change);
    }

    /// <summary>The updates themselves.</summary>
    internal IReadOnlyList<ChatResponseUpdate> Written => _updates;

    /// <summary>The output that this one writes to; null at the end.</summary>
    internal virtual RunOutput? Target => null;

    /// <summary>What the change of this output threw; null when it did not, or when the error came from behind it.</summary>
    internal virtual Exception? ChangeError => null;

    private protected bool IsCompleted { get; private set; }

    private protected abstract ValueTask WriteCoreAsync(ChatResponseUpdate update, CancellationToken cancellationToken);

    private protected virtual ValueTask CompleteCoreAsync(CancellationToken cancellationToken) => default;

    private sealed class DeliveredOutput(Func<ChatResponseUpdate, CancellationToken, ValueTask>? deliver) : RunOutput
    {
        private protected override ValueTask WriteCoreAsync(ChatResponseUpdate update, CancellationToken cancellationToken) =>
            deliver?.Invoke(update, cancellationToken) ?? default;
    }
}
