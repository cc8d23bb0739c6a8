using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Calls;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Observation;
using PluginHost.Engine.Plugins;
using PluginHost.Sdk;

namespace PluginHost.Engine.Chains.Model;

/// <summary>
/// One chat middleware in one run: calls what it made of the model's client, names what it throws after it, and counts its own
/// time, which stands still while the client inside works.
/// </summary>
internal sealed class ChatMiddlewareClient : DelegatingChatClient
{
    private readonly PluginInstance _plugin;
    private readonly PluginCaller _calls;
    private readonly RunScope _scope;
    private readonly WrappedClient _inside;

    private ChatMiddlewareClient(IChatClient outside, WrappedClient inside, PluginInstance plugin, RunScope scope, PluginCaller calls)
        : base(outside)
    {
        _inside = inside;
        _plugin = plugin;
        _scope = scope;
        _calls = calls;
    }

    /// <summary>Wraps a client; gives it back as it is when the middleware stands aside or is skipped.</summary>
    public static IChatClient Wrap(PluginInstance plugin, IChatClient inner, RunRequest request, RunScope scope, PluginCaller calls)
    {
        var inside = new WrappedClient(inner);
        try
        {
            var outside = plugin.ChatMiddleware!.Wrap(inside, request) ?? throw new InvalidOperationException("It returned null in the place of a client.");
            return outside == inside ? inner : new ChatMiddlewareClient(outside, inside, plugin, scope, calls);
        }
        catch (Exception e)
        {
            var skips = plugin.Entry.Skips(HostOperation.ChatMiddleware);
            // A wrap that works shows in its calls; one that does not would show nowhere.
            var operation = new ObservedOperation(HostOperation.ChatMiddleware) { Run = scope.Observed, Plugin = plugin };
            if (calls.Observer.IsEnabled) calls.Observer.End(calls.Observer.Begin(operation), operation, PluginCaller.Failure(e, skips));
            if (!skips) throw Failed(plugin, e);
            scope.Skip(plugin.SourceId);
            return inner;
        }
    }

    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var operation = new ObservedOperation(HostOperation.ChatMiddleware) { Run = _scope.Observed, Plugin = _plugin };
        var token = _calls.Observer.IsEnabled ? _calls.Observer.Begin(operation) : null;
        var end = default(ObservedEnd);
        using var own = new SelfTime(_plugin.Entry.Timeout, _calls.Time, cancellationToken);
        _inside.Begin(own);
        IAsyncEnumerator<ChatResponseUpdate>? updates = null;
        var any = false;
        try
        {
            while (true)
            {
                own.Resume();
                try
                {
                    updates ??= Start(messages, options, own);
                    if (!await MoveAsync(updates, own, cancellationToken)) break;
                }
                catch (PluginException e) when (!any && !_inside.WasCalled && _plugin.Entry.Skips(HostOperation.ChatMiddleware))
                {
                    end = PluginCaller.Failure(e, skipped: true);
                    break;
                }
                catch (Exception e)
                {
                    end = PluginCaller.Failure(e);
                    throw;
                }

                own.Pause();
                any = true;
                yield return updates.Current;
                _calls.Observer.Resume(token);
            }
        }
        finally
        {
            own.Pause();
            if (_calls.Observer.IsEnabled) _calls.Observer.End(token, operation, end with { OwnTime = own.Used });
            if (!own.IsExpired && updates is not null) await updates.DisposeAsync();
        }

        if (!end.Skipped) yield break;
        _scope.Skip(_plugin.SourceId);
        await foreach (var update in _inside.Inner.GetStreamingResponseAsync(messages, options, cancellationToken)) yield return update;
    }

    private IAsyncEnumerator<ChatResponseUpdate> Start(IEnumerable<ChatMessage> messages, ChatOptions? options, SelfTime own)
    {
        try
        {
            return base.GetStreamingResponseAsync(messages, options, own.Token).GetAsyncEnumerator(own.Token);
        }
        catch (Exception e)
        {
            throw Failed(_plugin, e);
        }
    }

    private async ValueTask<bool> MoveAsync(IAsyncEnumerator<ChatResponseUpdate> updates, SelfTime own, CancellationToken cancellationToken)
    {
        try
        {
            var move = _calls.Threads.Begin(_plugin, HostOperation.ChatMiddleware, updates, static (moving, _) => moving.MoveNextAsync(), own.Token);
            var moved = move.IsCompletedSuccessfully ? move.Result : await WaitAsync(move.AsTask(), own);
            if (moved && updates.Current is null) throw new InvalidOperationException("It gave null in the place of an update.");
            return moved;
        }
        catch (Exception e) when (e != _scope.ModelError && e is not PluginException)
        {
            if (cancellationToken.IsCancellationRequested) throw new OperationCanceledException(e.Message, e, cancellationToken);
            if (_inside.Error is { } first) ExceptionDispatchInfo.Throw(first);
            throw Failed(_plugin, e, own.IsExpired);
        }
    }

    private async ValueTask<bool> WaitAsync(Task<bool> running, SelfTime own)
    {
        await Task.WhenAny(running, own.Watch());
        if (running.IsCompleted) return await running;
        BoundedWait.Forget(running);
        throw new TimeoutException($"Its own time exceeded {_plugin.Entry.Timeout}.");
    }

    private static PluginException Failed(PluginInstance plugin, Exception e, bool timedOut = false) =>
        new(plugin.SourceId, nameof(HostOperation.ChatMiddleware), e, timedOut);
}
