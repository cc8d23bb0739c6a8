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
    private readonly PluginCaller _caller;
    private readonly RunContext _run;
    private readonly WrappedClient _inside;

    private ChatMiddlewareClient(IChatClient outside, WrappedClient inside, PluginInstance plugin, RunContext run, PluginCaller caller)
        : base(outside)
    {
        _inside = inside;
        _plugin = plugin;
        _run = run;
        _caller = caller;
    }

    /// <summary>Wraps a client; returns it unchanged when the middleware wraps nothing in this run, or is skipped.</summary>
    public static async ValueTask<IChatClient> WrapAsync(
        PluginInstance plugin, IChatClient inner, RunRequest request, RunContext run, PluginCaller caller, CancellationToken cancellationToken)
    {
        var inside = new WrappedClient(inner);
        var target = new PluginCall(plugin, HostOperation.ChatMiddleware) { Run = run.Observed };
        try
        {
            var outside = await caller.CallUnobservedAsync(
                new PluginCall(plugin, HostOperation.ChatMiddlewareWrap),
                (plugin.ChatMiddleware, inside, request),
                static async (s, ct) => await s.ChatMiddleware!.WrapAsync(s.inside, s.request, ct)
                    ?? throw new PluginContractException("It returned null instead of a client."),
                cancellationToken);
            return outside == inside ? inner : new ChatMiddlewareClient(outside, inside, plugin, run, caller);
        }
        catch (PluginException e)
        {
            // A wrap that works shows in its calls; one that fails would show nowhere.
            if (caller.Observer.Observes(target.Run)) caller.Observer.End(caller.Observer.Begin(target.Observed), target.Observed, ObservedEnd.From(target.Observed, e, target.Skips));
            if (!target.Skips) throw;
            run.Skip(e);
            return inner;
        }
    }

    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var target = new PluginCall(_plugin, HostOperation.ChatMiddleware) { Run = _run.Observed };
        var token = _caller.Observer.Observes(target.Run) ? _caller.Observer.Begin(target.Observed) : null;
        var end = default(ObservedEnd);
        using var own = new SelfTime(_plugin.Entry.Host.Timeout, _caller.Time, cancellationToken);
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
                catch (PluginException e) when (!any && !_inside.WasCalled && target.Skips)
                {
                    end = ObservedEnd.From(target.Observed, e, skipped: true);
                    _run.Skip(e);
                    break;
                }
                catch (Exception e)
                {
                    end = ObservedEnd.From(target.Observed, e);
                    throw;
                }

                own.Pause();
                any = true;
                yield return updates.Current;
                _caller.Observer.Resume(token);
            }
        }
        finally
        {
            own.Pause();
            _plugin.Calls.Add(target.Kind, own.Used, end.Cause == EndCause.Own);
            if (_caller.Observer.Observes(target.Run)) _caller.Observer.End(token, target.Observed, end with { OwnTime = own.Used });
            if (!own.IsExpired && updates is not null) await updates.DisposeAsync();
        }

        if (!end.Skipped) yield break;
        await foreach (var update in _inside.Inner.GetStreamingResponseAsync(messages, options, cancellationToken)) yield return update;
    }

    private IAsyncEnumerator<ChatResponseUpdate> Start(IEnumerable<ChatMessage> messages, ChatOptions? options, SelfTime own)
    {
        try
        {
            messages = _run.Recorder?.Wrap(_plugin.SourceId, messages, options) ?? messages;
            return base.GetStreamingResponseAsync(messages, options, own.Token).GetAsyncEnumerator(own.Token);
        }
        catch (Exception e)
        {
            throw Failed(e);
        }
    }

    private async ValueTask<bool> MoveAsync(IAsyncEnumerator<ChatResponseUpdate> updates, SelfTime own, CancellationToken cancellationToken)
    {
        try
        {
            var move = _caller.Scheduler.Begin(_plugin, HostOperation.ChatMiddleware, updates, static (moving, _) => moving.MoveNextAsync(), own.Token);
            var moved = move.IsCompletedSuccessfully ? move.Result : await WaitAsync(move.AsTask(), own);
            if (moved && updates.Current is null) throw new PluginContractException("It gave null instead of an update.");
            return moved;
        }
        catch (Exception e) when (e != _run.ModelError && e is not (PluginException or PluginRefusalException))
        {
            if (cancellationToken.IsCancellationRequested) throw new OperationCanceledException(e.Message, e, cancellationToken);
            if (_inside.Error is { } first) ExceptionDispatchInfo.Throw(first);
            throw Failed(e, own.IsExpired);
        }
    }

    private async ValueTask<bool> WaitAsync(Task<bool> running, SelfTime own)
    {
        await Task.WhenAny(running, own.Watch());
        if (running.IsCompleted) return await running;
        BoundedWait.Forget(running);
        throw new TimeoutException($"Its own time exceeded {_plugin.Entry.Host.Timeout}.");
    }

    private Exception Failed(Exception e, bool timedOut = false) => _caller.Fail(_plugin, HostOperation.ChatMiddleware, e, timedOut);
}
