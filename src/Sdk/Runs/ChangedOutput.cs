using Microsoft.Extensions.AI;

namespace PluginHost.Sdk;

/// <summary>
/// Turns writing into reading: each written update is handed to the reading function, and the write returns when the function
/// has dealt with it and asks for the next, so an update is never ahead of what came before it.
/// </summary>
internal sealed class ChangedOutput(
    RunOutput target,
    Func<IAsyncEnumerable<ChatResponseUpdate>, IAsyncEnumerable<ChatResponseUpdate>> change) : RunOutput
{
    private readonly Handover _handover = new();
    private Task? _reading;
    private Exception? _changeError;
    private CancellationToken _writing;

    internal override RunOutput Target => target;

    internal override Exception? ChangeError => _changeError;

    private protected override async ValueTask WriteCoreAsync(ChatResponseUpdate update, CancellationToken cancellationToken)
    {
        _writing = cancellationToken;
        _reading ??= ReadAsync(cancellationToken);
        if (_reading.IsCompleted)
        {
            await _reading;
            return;
        }

        // Changed in place, it must not change for those behind.
        await Task.WhenAny(_handover.GiveAsync(Copies.Of(update)), _reading).WaitAsync(cancellationToken);
        if (_reading.IsCompleted) await _reading;
    }

    private protected override async ValueTask CompleteCoreAsync(CancellationToken cancellationToken)
    {
        _writing = cancellationToken;
        _reading ??= ReadAsync(cancellationToken);
        _handover.End();
        await _reading.WaitAsync(cancellationToken);
    }

    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var update in change(_handover).WithCancellation(cancellationToken))
            {
                // Under the token of the write that brought this update: what the end lets go must pass after a cancel too.
                await target.WriteAsync(update, _writing);
            }
        }
        catch (Exception e)
        {
            if (!IsFromBehind(e)) _changeError = e;
            throw;
        }
    }

    private bool IsFromBehind(Exception e)
    {
        for (var output = target; output is not null; output = output.Target)
        {
            if (output.ChangeError == e) return true;
        }

        return false;
    }

    /// <summary>One writer, one reader, no buffer.</summary>
    private sealed class Handover : IAsyncEnumerable<ChatResponseUpdate>, IAsyncEnumerator<ChatResponseUpdate>
    {
        private readonly Lock _lock = new();
        private ChatResponseUpdate? _next;
        private TaskCompletionSource? _dealtWith;
        private TaskCompletionSource<bool>? _wanted;
        private bool _ended;

        public ChatResponseUpdate Current { get; private set; } = null!;

        public IAsyncEnumerator<ChatResponseUpdate> GetAsyncEnumerator(CancellationToken cancellationToken = default) => this;

        public Task GiveAsync(ChatResponseUpdate update)
        {
            var dealtWith = new TaskCompletionSource();
            TaskCompletionSource<bool>? wanted;
            lock (_lock)
            {
                _dealtWith = dealtWith;
                (wanted, _wanted) = (_wanted, null);
                if (wanted is null) _next = update;
                else Current = update;
            }

            wanted?.SetResult(true);
            return dealtWith.Task;
        }

        public void End()
        {
            TaskCompletionSource<bool>? wanted;
            lock (_lock)
            {
                _ended = true;
                (wanted, _wanted) = (_wanted, null);
            }

            wanted?.SetResult(false);
        }

        public ValueTask<bool> MoveNextAsync()
        {
            TaskCompletionSource? dealtWith = null;
            ValueTask<bool> moved;
            lock (_lock)
            {
                if (_next is { } next)
                {
                    (Current, _next) = (next, null);
                    return new(true);
                }

                (dealtWith, _dealtWith) = (_dealtWith, null);
                moved = _ended ? new(false) : new((_wanted = new TaskCompletionSource<bool>()).Task);
            }

            dealtWith?.SetResult();
            return moved;
        }

        public ValueTask DisposeAsync() => default;
    }
}
