using Microsoft.Extensions.AI;

namespace PluginHost.Sdk;

/// <summary>
/// The output of a run at one place in the chain. Stages write updates to it as they arrive, for streamed and unstreamed runs
/// alike. One stage writes at a time; not thread-safe.
/// </summary>
public abstract class RunOutput
{
    private readonly List<ChatResponseUpdate> _updates = [];

    private protected RunOutput() => Updates = new CopyingList<ChatResponseUpdate>(_updates, MessageCloner.Clone);

    /// <summary>The updates written so far, in order. Every access returns a new copy, so changing one has no effect.</summary>
    public IReadOnlyList<ChatResponseUpdate> Updates { get; }

    /// <summary>Creates an output that passes every update to a function. For the host and its tests; package PluginHost.Sdk.Testing has what tests of plugins need.</summary>
    /// <param name="deliver">Called for one update at a time; null to only collect updates in <see cref="Updates"/>.</param>
    /// <returns>The output.</returns>
    internal static RunOutput Create(Func<ChatResponseUpdate, CancellationToken, ValueTask>? deliver = null) =>
        new DeliveredOutput(deliver);

    /// <summary>Writes one update. When the run is streamed, the caller receives it immediately.</summary>
    /// <param name="update">The update. The output owns it after the call: do not change it.</param>
    /// <param name="cancellationToken">Cancels waiting for a slow reader.</param>
    /// <exception cref="InvalidOperationException">The output is complete.</exception>
    public ValueTask WriteAsync(ChatResponseUpdate update, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(update);
        if (IsCompleted) throw new InvalidOperationException("The output is complete. It accepts no more updates.");
        _updates.Add(update);
        return WriteCoreAsync(update, cancellationToken);
    }

    /// <summary>
    /// Completes the output and ends the stream of a function given to <see cref="Through"/>, which then writes what it held
    /// back. The host calls it when the stage that received the output has ended. A second call has no effect.
    /// </summary>
    /// <param name="cancellationToken">Cancels waiting for a slow reader.</param>
    internal ValueTask CompleteAsync(CancellationToken cancellationToken)
    {
        if (IsCompleted) return default;
        IsCompleted = true;
        return CompleteCoreAsync(cancellationToken);
    }

    /// <summary>
    /// Creates an output that changes updates before they reach this one. The function receives the updates as they are
    /// written and may hold back, change, split, join, add or drop them. When it ends early, later updates are dropped. An
    /// exception from the function is thrown to the writer.
    /// </summary>
    /// <param name="change">
    /// Turns the written stream into the stream for this output. Called once, when the first update is written or the new output
    /// is completed.
    /// </param>
    /// <returns>The output to pass on in <see cref="RunRequest.Output"/>.</returns>
    public RunOutput Through(Func<IAsyncEnumerable<ChatResponseUpdate>, IAsyncEnumerable<ChatResponseUpdate>> change)
    {
        ArgumentNullException.ThrowIfNull(change);
        return new ChangedOutput(this, change);
    }

    /// <summary>The updates written so far, without copying.</summary>
    internal IReadOnlyList<ChatResponseUpdate> Written => _updates;

    /// <summary>The output that this one writes to; null for the last one.</summary>
    internal virtual RunOutput? Target => null;

    /// <summary>The exception of this output's stream function; null when there is none or when it came from the target.</summary>
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
