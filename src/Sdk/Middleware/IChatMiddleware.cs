using Microsoft.Extensions.AI;

namespace PluginHost.Sdk;

/// <summary>
/// Wraps every model call of a run, inside the tool loop: each request holds the tool results so far. Among chat middleware, the
/// first in the chain is the outermost.
/// </summary>
public interface IChatMiddleware
{
    /// <summary>
    /// Wraps the client for one run; usually returns a <see cref="DelegatingChatClient"/>. Called once per run, concurrently for
    /// different runs, within the entry's timeout. The host calls only the streaming method, and does not dispose the result. An exception from here or from
    /// the returned client fails the run, unless the entry's <c>OnError</c> is <c>skip</c> and the model has not been called.
    /// </summary>
    /// <param name="inner">The client that calls the model.</param>
    /// <param name="run">The run as the innermost stage received it.</param>
    /// <param name="cancellationToken">Cancelled with the run, or at the entry's timeout.</param>
    /// <returns>The client to call instead; <paramref name="inner"/> to leave this run unchanged.</returns>
    ValueTask<IChatClient> WrapAsync(IChatClient inner, RunRequest run, CancellationToken cancellationToken);
}
