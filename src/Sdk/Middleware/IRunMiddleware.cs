namespace PluginHost.Sdk;

/// <summary>The rest of the chain. May be called once, and only until the middleware returns; otherwise it throws.</summary>
/// <param name="request">The request for what follows: the middleware's own, or a copy made with <c>with</c>.</param>
/// <param name="cancellationToken">Pass on the one that was given.</param>
/// <returns>The response as it came back to this place.</returns>
/// <exception cref="InvalidOperationException">Called a second time, or after the middleware has returned.</exception>
public delegate ValueTask<RunResponse> RunDelegate(RunRequest request, CancellationToken cancellationToken);

/// <summary>Wraps exactly what follows it in the chain: later plugins, tools and the model.</summary>
/// <remarks>Called concurrently for different sessions, once per run.</remarks>
public interface IRunMiddleware
{
    /// <summary>
    /// Runs the rest of the chain, or answers itself. To change what the run returns, pass on
    /// <c>request with { Output = request.Output.Through(…) }</c>: it changes streamed and unstreamed runs alike. Messages of
    /// the returned response count only when nothing was written to the output at this place: then the host writes them. What is
    /// thrown before <c>next</c> was called fails the run, or skips the middleware when its entry says so; what is thrown after
    /// <c>next</c> returned is logged, and changes nothing.
    /// </summary>
    /// <param name="request">The run at this place in the chain.</param>
    /// <param name="next">The rest of the chain.</param>
    /// <param name="cancellationToken">Cancelled with the run, or when the middleware's own time exceeds its timeout.</param>
    /// <returns>The response, usually the one that <paramref name="next"/> gave.</returns>
    ValueTask<RunResponse> InvokeAsync(RunRequest request, RunDelegate next, CancellationToken cancellationToken);
}
