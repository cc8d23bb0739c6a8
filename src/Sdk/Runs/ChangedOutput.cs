using Microsoft.Extensions.AI;

namespace PluginHost.Sdk;

/// <summary>
/// An output that passes each written update through a stream function. A write returns when the function has processed the
/// update and asks for the next one, so updates keep their order.
/// </summary>
internal sealed class ChangedOutput(
    RunOutput target,
    Func<IAsyncEnumerable<ChatResponseUpdate>, IAsyncEnumerable<ChatResponseUpdate>> change) : RunOutput
{
    private readonly UpdateChannel _channel = new();
    private Task? _reading;
    private Exception? _changeError;
    private CancellationToken _writeToken;

    internal override RunOutput Target => target;

    internal override Exception? ChangeError => _changeError;

    private protected override async ValueTask WriteCoreAsync(ChatResponseUpdate update, CancellationToken cancellationToken)
    {
        _writeToken = cancellationToken;
        _reading ??= ReadAsync(cancellationToken);
        if (_reading.IsCompleted)
        {
            await _reading;
            return;
        }

        // The function may change the update in place; the copy in Updates must stay as written.
        await Task.WhenAny(_channel.SendAsync(MessageCloner.Clone(update)), _reading).WaitAsync(cancellationToken);
        if (_reading.IsCompleted) await _reading;
    }

    private protected override async ValueTask CompleteCoreAsync(CancellationToken cancellationToken)
    {
        _writeToken = cancellationToken;
        _reading ??= ReadAsync(cancellationToken);
        _channel.Complete();
        await _reading.WaitAsync(cancellationToken);
    }

    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var update in change(_channel).WithCancellation(cancellationToken))
            {
                // Use the token of the current write: updates that the completion releases must pass after a cancel, too.
                await target.WriteAsync(update, _writeToken);
            }
        }
        catch (Exception e)
        {
            if (!IsFromTarget(e)) _changeError = e;
            throw;
        }
    }

    private bool IsFromTarget(Exception e)
    {
        for (var output = target; output is not null; output = output.Target)
        {
            if (output.ChangeError == e) return true;
        }

        return false;
    }

    /// <summary>An unbuffered channel with one writer and one reader. A send completes when the reader asks for the next update.</summary>
    private sealed class UpdateChannel : IAsyncEnumerable<ChatResponseUpdate>, IAsyncEnumerator<ChatResponseUpdate>
    {
        private readonly Lock _lock = new();
        private ChatResponseUpdate? _next;
        private TaskCompletionSource? _processed;
        private TaskCompletionSource<bool>? _requested;
        private bool _completed;

        public ChatResponseUpdate Current { get; private set; } = null!;

        public IAsyncEnumerator<ChatResponseUpdate> GetAsyncEnumerator(CancellationToken cancellationToken = default) => this;

        public Task SendAsync(ChatResponseUpdate update)
        {
            var processed = new TaskCompletionSource();
            TaskCompletionSource<bool>? requested;
            lock (_lock)
            {
                _processed = processed;
                (requested, _requested) = (_requested, null);
                if (requested is null) _next = update;
                else Current = update;
            }

            requested?.SetResult(true);
            return processed.Task;
        }

        public void Complete()
        {
            TaskCompletionSource<bool>? requested;
            lock (_lock)
            {
                _completed = true;
                (requested, _requested) = (_requested, null);
            }

            requested?.SetResult(false);
        }

        public ValueTask<bool> MoveNextAsync()
        {
            TaskCompletionSource? processed;
            ValueTask<bool> moved;
            lock (_lock)
            {
                if (_next is { } next)
                {
                    (Current, _next) = (next, null);
                    return new(true);
                }

                (processed, _processed) = (_processed, null);
                moved = _completed ? new(false) : new((_requested = new TaskCompletionSource<bool>()).Task);
            }

            processed?.SetResult();
            return moved;
        }

        public ValueTask DisposeAsync() => default;
    }
}
