namespace PluginHost.Sdk;

/// <summary>The rest of the chain. A middleware may call it once, before it returns.</summary>
/// <param name="request">The request for the rest of the chain: the one that the middleware received, or a copy made with <c>with</c>.</param>
/// <param name="cancellationToken">Pass the token that the middleware received.</param>
/// <returns>The response of the rest of the chain.</returns>
/// <exception cref="InvalidOperationException">Called a second time, or after the middleware has returned.</exception>
public delegate ValueTask<RunResponse> RunDelegate(RunRequest request, CancellationToken cancellationToken);

/// <summary>Wraps exactly what follows it in the chain: later plugins, tools and the model.</summary>
/// <remarks>Called concurrently for different sessions, once per run.</remarks>
public interface IRunMiddleware
{
    /// <summary>
    /// Runs the rest of the chain, or answers without it. To change the output, pass
    /// <c>request with { Output = request.Output.Through(…) }</c> to <c>next</c>: it changes streamed and unstreamed runs alike.
    /// When nothing was written to the output at this place, the host writes the messages of the returned response; otherwise it
    /// ignores them. An exception before the call of <c>next</c> fails the run, or skips the middleware when its entry's
    /// <c>OnError</c> is <c>skip</c>. An exception after <c>next</c> has returned is logged and changes nothing.
    /// </summary>
    /// <param name="request">The run at this place in the chain.</param>
    /// <param name="next">The rest of the chain.</param>
    /// <param name="cancellationToken">Cancelled with the run, or when the middleware's self time exceeds its timeout.</param>
    /// <returns>The response, usually the one of <paramref name="next"/>.</returns>
    ValueTask<RunResponse> InvokeAsync(RunRequest request, RunDelegate next, CancellationToken cancellationToken);
}
