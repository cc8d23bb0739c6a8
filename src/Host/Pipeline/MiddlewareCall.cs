using PluginHost.Plugins;

namespace PluginHost.Pipeline;

/// <summary>
/// One call of a middleware: the choke point for code that wraps other code. Sees to it that <c>next</c> is called once at the
/// most and in time, that only the middleware's own time counts, and that its errors neither replace what it wraps nor
/// hide the first error.
/// </summary>
/// <typeparam name="TRequest">What is passed on.</typeparam>
/// <typeparam name="TResult">What comes back.</typeparam>
internal sealed class MiddlewareCall<TRequest, TResult>(
    PluginCalls calls,
    PluginInstance plugin,
    ObservedOperation operation,
    Func<TRequest, CancellationToken, ValueTask<TResult>> rest,
    Action<string> skip)
{
    private const int NotCalled = 0;
    private const int Called = 1;
    private const int Closed = 2;

    private OwnTime _own = null!;
    private int _state;
    private bool _nextReturned;
    private TResult? _nextResult;
    private Exception? _nextError;

    /// <summary>An error of the middleware that did not change the run: it came after <c>next</c> had returned.</summary>
    public PluginException? LateError { get; private set; }

    /// <summary>Calls the middleware.</summary>
    /// <param name="request">Its request; also what follows gets when the middleware is skipped.</param>
    /// <param name="invoke">Calls the plugin's method with <see cref="NextAsync"/>.</param>
    /// <param name="cancellationToken">The run's.</param>
    public async ValueTask<TResult> InvokeAsync(
        TRequest request, Func<CancellationToken, ValueTask<TResult>> invoke, CancellationToken cancellationToken)
    {
        var token = calls.Observer.IsEnabled ? calls.Observer.Begin(operation) : null;
        var failure = default(ObservedEnd);
        _own = new OwnTime(plugin.Entry.Timeout, calls.Time, cancellationToken);
        try
        {
            return await GuardAsync(invoke, cancellationToken);
        }
        catch (PluginException e) when (_nextReturned)
        {
            LateError = e;
            failure = PluginCalls.Failure(e);
            return _nextResult!;
        }
        catch (PluginException e) when (_nextError is null && plugin.Entry.Skips(operation.Kind))
        {
            failure = PluginCalls.Failure(e, skipped: true);
            skip(plugin.SourceId);
            _own.Pause();
            return await rest(request, cancellationToken);
        }
        catch (Exception e)
        {
            failure = PluginCalls.Failure(_nextError ?? e);
            throw;
        }
        finally
        {
            _own.Pause();
            if (calls.Observer.IsEnabled) calls.Observer.End(token, operation, failure with { OwnTime = _own.Used });
            _own.Dispose();
        }
    }

    /// <summary>What the middleware calls.</summary>
    public async ValueTask<TResult> NextAsync(TRequest request, CancellationToken cancellationToken)
    {
        switch (Interlocked.CompareExchange(ref _state, Called, NotCalled))
        {
            case Called: throw new InvalidOperationException($"Plugin '{plugin.SourceId}' called next a second time; it may be called once.");
            case Closed: throw new InvalidOperationException($"Plugin '{plugin.SourceId}' called next after it had ended.");
        }

        _own.Pause();
        try
        {
            _nextResult = await rest(request, cancellationToken);
            _nextReturned = true;
            return _nextResult;
        }
        catch (Exception e)
        {
            _nextError = e;
            throw;
        }
        finally
        {
            _own.Resume();
        }
    }

    private async ValueTask<TResult> GuardAsync(Func<CancellationToken, ValueTask<TResult>> invoke, CancellationToken cancellationToken)
    {
        try
        {
            var pending = invoke(_own.Token);
            var result = pending.IsCompletedSuccessfully ? pending.Result : await WaitAsync(pending.AsTask(), cancellationToken);
            Interlocked.Exchange(ref _state, Closed);
            return result;
        }
        catch (Exception e)
        {
            var called = Interlocked.Exchange(ref _state, Closed) == Called;
            if (_nextError is { } first)
            {
                // Whatever the middleware made of it, the first error is the one to report.
                System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(first);
            }

            if (e is OperationCanceledException && cancellationToken.IsCancellationRequested && !(called && _nextReturned)) throw;
            throw new PluginException(plugin.SourceId, operation.Kind.ToString(), e, timedOut: _own.IsExpired);
        }
    }

    private async ValueTask<TResult> WaitAsync(Task<TResult> running, CancellationToken cancellationToken)
    {
        _own.Watch();
        await Task.WhenAny(running, _own.Expired);
        if (running.IsCompleted) return await running;
        Abandonable.Forget(running);
        throw new TimeoutException($"Its own time exceeded {plugin.Entry.Timeout}.");
    }
}
