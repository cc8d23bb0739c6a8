using Microsoft.Extensions.AI;

namespace PluginHost.Sdk;

/// <summary>One call of a tool by the model. Immutable; change it with <c>with</c>.</summary>
/// <param name="Run">The run as the innermost stage received it.</param>
/// <param name="Function">The tool.</param>
/// <param name="CallId">The model's id of the call.</param>
/// <param name="Arguments">The arguments, with session and state in <see cref="AIFunctionArguments.Context"/>.</param>
public sealed record FunctionInvocation(RunRequest Run, AIFunction Function, string CallId, AIFunctionArguments Arguments)
{
    /// <summary>The source id of the plugin that contributed the tool; null only outside the host, in tests.</summary>
    public string? Source { get; init; }
}

/// <summary>
/// The rest of a tool call: later function middleware, then the tool. May be called once, and only until the middleware
/// returns.
/// </summary>
/// <param name="invocation">The call, or a changed copy.</param>
/// <param name="cancellationToken">Pass on the one that was given.</param>
/// <returns>The tool's result; what the tool throws is thrown here.</returns>
/// <exception cref="InvalidOperationException">Called a second time, or after the middleware has returned.</exception>
public delegate ValueTask<object?> FunctionDelegate(FunctionInvocation invocation, CancellationToken cancellationToken);

/// <summary>
/// Wraps every call of a plugin's tool. Calls of tools that the caller brought are answered by the caller and do not come here.
/// Called concurrently for different sessions; the calls of one run come one after another. Among function middleware, the
/// first in the chain is the outermost.
/// </summary>
public interface IFunctionMiddleware
{
    /// <summary>
    /// Runs the tool, or gives a result in its place. An exception becomes the tool's error result, which the model sees
    /// without details.
    /// </summary>
    /// <param name="invocation">The call.</param>
    /// <param name="next">The rest of the call.</param>
    /// <param name="cancellationToken">Cancelled with the run, or when the middleware's own time exceeds its timeout.</param>
    /// <returns>The result for the model.</returns>
    ValueTask<object?> InvokeAsync(FunctionInvocation invocation, FunctionDelegate next, CancellationToken cancellationToken);
}
