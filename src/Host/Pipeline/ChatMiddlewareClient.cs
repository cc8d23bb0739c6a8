using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using PluginHost.Plugins;
using PluginHost.Sdk;

namespace PluginHost.Pipeline;

/// <summary>
/// One chat middleware in one run: calls what it made of the model's client, names what it throws after it, and counts its own
/// time, which stands still while the client inside works.
/// </summary>
internal sealed class ChatMiddlewareClient : DelegatingChatClient
{
    private readonly PluginInstance _plugin;
    private readonly PluginCalls _calls;
    private readonly RunScope _scope;
    private readonly Inside _inside;

    private ChatMiddlewareClient(IChatClient outside, Inside inside, PluginInstance plugin, RunScope scope, PluginCalls calls)
        : base(outside)
    {
        _inside = inside;
        _plugin = plugin;
        _scope = scope;
        _calls = calls;
    }

    /// <summary>Wraps a client; gives it back as it is when the middleware stands aside or is skipped.</summary>
    public static IChatClient Wrap(PluginInstance plugin, IChatClient inner, RunRequest request, RunScope scope, PluginCalls calls)
    {
        var inside = new Inside(inner);
        try
        {
            var outside = plugin.ChatMiddleware!.Wrap(inside, request) ?? throw new InvalidOperationException("It returned null in the place of a client.");
            return outside == inside ? inner : new ChatMiddlewareClient(outside, inside, plugin, scope, calls);
        }
        catch (Exception e) when (plugin.Entry.Skips(HostOperation.ChatMiddleware))
        {
            _ = e;
            scope.Skip(plugin.SourceId);
            return inner;
        }
        catch (Exception e)
        {
            throw new PluginException(plugin.SourceId, nameof(HostOperation.ChatMiddleware), e);
        }
    }

    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var operation = new ObservedOperation(HostOperation.ChatMiddleware) { Run = _scope.Observed, Plugin = _plugin };
        var token = _calls.Observer.IsEnabled ? _calls.Observer.Begin(operation) : null;
        var failure = default(ObservedEnd);
        using var own = new OwnTime(_plugin.Entry.Timeout, _calls.Time, cancellationToken);
        _inside.Own = own;
        var updates = Start(messages, options, own);
        try
        {
            while (true)
            {
                own.Resume();
                try
                {
                    if (!await MoveAsync(updates, own, cancellationToken)) break;
                }
                catch (Exception e)
                {
                    failure = PluginCalls.Failure(e);
                    throw;
                }

                own.Pause();
                yield return updates.Current;
            }
        }
        finally
        {
            own.Pause();
            if (_calls.Observer.IsEnabled) _calls.Observer.End(token, operation, failure with { OwnTime = own.Used });
            if (!own.IsExpired) await updates.DisposeAsync();
        }
    }

    private IAsyncEnumerator<ChatResponseUpdate> Start(IEnumerable<ChatMessage> messages, ChatOptions? options, OwnTime own)
    {
        try
        {
            return base.GetStreamingResponseAsync(messages, options, own.Token).GetAsyncEnumerator(own.Token);
        }
        catch (Exception e)
        {
            throw new PluginException(_plugin.SourceId, nameof(HostOperation.ChatMiddleware), e);
        }
    }

    private async ValueTask<bool> MoveAsync(IAsyncEnumerator<ChatResponseUpdate> updates, OwnTime own, CancellationToken cancellationToken)
    {
        try
        {
            var move = updates.MoveNextAsync();
            if (move.IsCompletedSuccessfully) return move.Result;
            var running = move.AsTask();
            own.Watch();
            await Task.WhenAny(running, own.Expired);
            if (running.IsCompleted) return await running;
            Abandonable.Forget(running);
            throw new TimeoutException($"Its own time exceeded {_plugin.Entry.Timeout}.");
        }
        catch (Exception e) when (e != _scope.ModelError && e is not PluginException
            && !(e is OperationCanceledException && cancellationToken.IsCancellationRequested))
        {
            if (_inside.Error is { } first) System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(first);
            throw new PluginException(_plugin.SourceId, nameof(HostOperation.ChatMiddleware), e, timedOut: own.IsExpired);
        }
    }

    /// <summary>What a middleware wraps: stops its clock while the client inside works.</summary>
    private sealed class Inside(IChatClient inner) : DelegatingChatClient(inner)
    {
        public OwnTime? Own { get; set; }

        public Exception? Error { get; private set; }

        public override Task<ChatResponse> GetResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
            GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

        public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages,
            ChatOptions? options = null,
            [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            await using var updates = base.GetStreamingResponseAsync(messages, options, cancellationToken).GetAsyncEnumerator(cancellationToken);
            while (true)
            {
                Own?.Pause();
                try
                {
                    if (!await updates.MoveNextAsync()) yield break;
                }
                catch (Exception e)
                {
                    Error = e;
                    throw;
                }
                finally
                {
                    Own?.Resume();
                }

                yield return updates.Current;
            }
        }
    }
}
