using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using PluginHost.ModelClients.OpenAI;

namespace PluginHost.ModelClients;

/// <summary>
/// Watches over the calls of one model's server: gives up when it takes too long, and throws <see cref="ModelException"/> for
/// everything that goes wrong, also for an answer that ends as if nothing had happened.
/// </summary>
internal sealed class ModelChatClient(IChatClient inner, ModelErrors errors, OpenAIOptions options, TimeProvider timeProvider)
    : DelegatingChatClient(inner)
{
    private readonly TimeSpan _total = TimeSpan.FromSeconds(options.TotalTimeoutSeconds);
    private readonly TimeSpan _silence = TimeSpan.FromSeconds(options.TimeoutSeconds);

    public override async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        using var deadline = new Deadline(timeProvider, cancellationToken);
        deadline.Set(_total);
        try
        {
            var response = await base.GetResponseAsync(messages, options, deadline.Token);
            return HiddenError.In(response) is { } error ? throw errors.Hidden(error) : response;
        }
        catch (Exception e)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw errors.From(e, begun: false);
        }
    }

    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var deadline = new Deadline(timeProvider, cancellationToken);
        await using var updates = base.GetStreamingResponseAsync(messages, options, deadline.Token).GetAsyncEnumerator(deadline.Token);
        var (begun, finished) = (false, false);
        while (await MoveNextAsync(updates, deadline, begun, cancellationToken))
        {
            begun = true;
            var update = updates.Current;
            if (HiddenError.In(update) is { } error) throw errors.Hidden(error);
            finished |= update.FinishReason is not null;
            yield return update;
        }

        if (!finished) throw errors.Interrupted();
    }

    private async Task<bool> MoveNextAsync(
        IAsyncEnumerator<ChatResponseUpdate> updates, Deadline deadline, bool begun, CancellationToken cancellationToken)
    {
        try
        {
            // Only while we wait for the server: the caller may take its time.
            deadline.Set(begun ? _silence : _total);
            var moved = await updates.MoveNextAsync();
            deadline.Set(Timeout.InfiniteTimeSpan);
            return moved;
        }
        catch (Exception e)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw errors.From(e, begun);
        }
    }

    /// <summary>A token that is cancelled with the caller's, or when the time that is set has passed.</summary>
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
