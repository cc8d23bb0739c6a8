using System.Runtime.ExceptionServices;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Observation;

namespace PluginHost.Engine.Calls;

/// <summary>
/// One call of a middleware: the choke point for code that wraps other code. Sees to it that <c>next</c> is called once at the
/// most and has ended when the call has, that only the middleware's own time counts, and that its errors neither replace
/// what it wraps nor hide the first error.
/// </summary>
/// <typeparam name="TRequest">What is passed on.</typeparam>
/// <typeparam name="TResult">What comes back.</typeparam>
internal sealed class MiddlewareCall<TRequest, TResult>(
    PluginCaller caller,
    PluginCall target,
    Func<TRequest, CancellationToken, ValueTask<TResult>> rest,
    Action<PluginException> skip,
    bool allowsNull)
{
    private readonly NextGuard _next = new();
    private SelfTime _own = null!;
    private CancellationToken _outer;
    private TResult? _nextResult;
    private Exception? _nextError;

    /// <summary>Calls the middleware.</summary>
    /// <param name="request">Its request; also what follows gets when the middleware is skipped.</param>
    /// <param name="invoke">Calls the plugin's method with <see cref="NextAsync"/>.</param>
    /// <param name="cancellationToken">The run's.</param>
    public async ValueTask<TResult> InvokeAsync(
        TRequest request, Func<CancellationToken, ValueTask<TResult>> invoke, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var token = caller.Observer.Observes(target.Run) ? caller.Observer.Begin(target.Observed) : null;
        var failure = default(ObservedEnd);
        _outer = cancellationToken;
        _own = new SelfTime(target.Plugin.Entry.Host.Timeout, caller.Time, cancellationToken);
        try
        {
            return await GuardAsync(invoke);
        }
        catch (PluginException e) when (_next.HasReturned)
        {
            // It changes nothing any more.
            skip(e);
            failure = cancellationToken.IsCancellationRequested ? ObservedEnd.Cancelled : ObservedEnd.From(target.Observed, e);
            return _nextResult!;
        }
        catch (PluginException e) when (!_next.WasCalled && target.Skips)
        {
            failure = ObservedEnd.From(target.Observed, e, skipped: true);
            skip(e);
            _own.Pause();
            return await rest(request, cancellationToken);
        }
        catch (Exception e)
        {
            failure = ObservedEnd.From(target.Observed, _nextError ?? e, isPassedThrough: _nextError is not null);
            throw;
        }
        finally
        {
            _own.Pause();
            target.Plugin.Calls.Add(target.Kind, _own.Used, failure.Cause == EndCause.Own);
            if (caller.Observer.Observes(target.Run)) caller.Observer.End(token, target.Observed, failure with { OwnTime = _own.Used });
            _own.Dispose();
        }
    }

    /// <summary>What the middleware calls.</summary>
    public async ValueTask<TResult> NextAsync(TRequest request, CancellationToken cancellationToken)
    {
        _next.Enter(target.Plugin.SourceId);
        _own.Pause();
        var returned = false;
        try
        {
            _nextResult = await RestAsync(request, cancellationToken);
            returned = true;
            return _nextResult;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested && !_outer.IsCancellationRequested)
        {
            // The middleware itself gave up what it wraps: what it makes of that is its own error or answer.
            throw;
        }
        catch (Exception e)
        {
            _nextError = e;
            throw;
        }
        finally
        {
            _own.Resume();
            _next.Leave(returned);
        }
    }

    /// <summary>A middleware that passes on another token cannot keep the run's cancellation from what follows.</summary>
    private async ValueTask<TResult> RestAsync(TRequest request, CancellationToken passedOn)
    {
        if (passedOn == _own.Token) return await rest(request, passedOn);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(passedOn, _own.Token);
        return await rest(request, linked.Token);
    }

    private async ValueTask<TResult> GuardAsync(Func<CancellationToken, ValueTask<TResult>> invoke)
    {
        try
        {
            var pending = caller.Scheduler.Begin(target.Plugin, target.Kind, invoke, static (call, ct) => call(ct), _own.Token);
            var result = pending.IsCompletedSuccessfully ? pending.Result : await WaitAsync(pending.AsTask());
            await _next.CloseAsync(_own);
            return result is null && !allowsNull ? throw new PluginContractException("It returned null.") : result;
        }
        catch (Exception e)
        {
            await _next.CloseAsync(_own);
            // Whatever the middleware made of it, the first error is the one to report.
            if (_nextError is { } first) ExceptionDispatchInfo.Throw(first);
            if (_outer.IsCancellationRequested && !_next.HasReturned) throw new OperationCanceledException(e.Message, e, _outer);
            throw caller.Fail(target.Plugin, target.Kind, e, _own.IsExpired);
        }
    }

    private async ValueTask<TResult> WaitAsync(Task<TResult> running)
    {
        await Task.WhenAny(running, _own.Watch());
        if (running.IsCompleted) return await running;
        BoundedWait.Forget(running);
        throw new TimeoutException($"Its own time exceeded {target.Plugin.Entry.Host.Timeout}.");
    }
}
