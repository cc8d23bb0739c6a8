using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using PluginHost.ModelClients.OpenAI;

namespace PluginHost.ModelClients;

/// <summary>
/// Applies the timeouts to calls of one model's server, and throws <see cref="ModelException"/> for every failure, including answers
/// that end early without an error.
/// </summary>
internal sealed class ModelChatClient(IChatClient inner, ModelExceptionFactory errors, OpenAIOptions options, TimeProvider timeProvider)
    : DelegatingChatClient(inner)
{
    private readonly TimeSpan _totalTimeout = TimeSpan.FromSeconds(options.TotalTimeoutSeconds);
    private readonly TimeSpan _updateTimeout = TimeSpan.FromSeconds(options.TimeoutSeconds);

    public override async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        using var deadline = new Deadline(timeProvider, cancellationToken);
        deadline.Set(_totalTimeout);
        try
        {
            return await base.GetResponseAsync(messages, options, deadline.Token);
        }
        catch (Exception e)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw errors.From(e, answerStarted: false);
        }
    }

    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var deadline = new Deadline(timeProvider, cancellationToken);
        await using var updates = base.GetStreamingResponseAsync(messages, options, deadline.Token).GetAsyncEnumerator(deadline.Token);
        var (started, finished) = (false, false);
        while (await MoveNextAsync(updates, deadline, started, cancellationToken))
        {
            started = true;
            var update = updates.Current;
            if (ReferenceEquals(update, WireChatClient.Progress)) continue;
            finished |= update.FinishReason is not null;
            yield return update;
        }

        if (!finished) throw errors.CreateInterrupted();
    }

    private async Task<bool> MoveNextAsync(
        IAsyncEnumerator<ChatResponseUpdate> updates, Deadline deadline, bool started, CancellationToken cancellationToken)
    {
        try
        {
            // Count only the time that the server takes, not the time of a slow caller.
            deadline.Set(started ? _updateTimeout : _totalTimeout);
            var moved = await updates.MoveNextAsync();
            deadline.Set(Timeout.InfiniteTimeSpan);
            return moved;
        }
        catch (Exception e)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw errors.From(e, started);
        }
    }

    /// <summary>A token that is cancelled with the caller's token or after a settable time.</summary>
    private sealed class Deadline : IDisposable
    {
        private readonly CancellationTokenSource _source;
        private readonly CancellationTokenRegistration _caller;

        public Deadline(TimeProvider timeProvider, CancellationToken caller)
        {
            _source = new(Timeout.InfiniteTimeSpan, timeProvider);
            _caller = caller.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), _source);
        }

        public CancellationToken Token => _source.Token;

        public void Set(TimeSpan time) => _source.CancelAfter(time);

        public void Dispose()
        {
            _caller.Dispose();
            _source.Dispose();
        }
    }
}
