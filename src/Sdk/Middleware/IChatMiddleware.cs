using Microsoft.Extensions.AI;

namespace PluginHost.Sdk;

/// <summary>
/// Wraps every call of the model inside a run, tool loop included: the wrapped client sees each request as it goes to the
/// model, with the results of tools so far. Among chat middleware, the first in the chain is the outermost.
/// </summary>
public interface IChatMiddleware
{
    /// <summary>
    /// Wraps the model's client for one run; usually returns a <see cref="DelegatingChatClient"/>. Called once per run,
    /// concurrently for different runs. The host calls only the streaming method, and does not dispose the result. What is thrown
    /// here, or by the returned client, fails the run unless the entry's <c>OnError</c> is <c>skip</c> and the model was not
    /// called yet.
    /// </summary>
    /// <param name="inner">What calls the model.</param>
    /// <param name="run">The run as the innermost stage received it.</param>
    /// <returns>The client to call instead; <paramref name="inner"/> to stand aside.</returns>
    IChatClient Wrap(IChatClient inner, RunRequest run);
}
