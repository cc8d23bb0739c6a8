using Microsoft.Extensions.AI;

namespace PluginHost.Sdk;

/// <summary>One call of a tool by the model. Immutable: change a copy made with <c>with</c>.</summary>
public sealed record FunctionInvocation
{
    /// <summary>The run as the innermost stage received it.</summary>
    public required RunRequest Run { get; init; }

    /// <summary>The tool.</summary>
    public required AIFunction Function { get; init; }

    /// <summary>The id that the model gave to the call.</summary>
    public required string CallId { get; init; }

    /// <summary>
    /// The arguments, with session and state in <see cref="AIFunctionArguments.Context"/>. To change them, pass on
    /// <see cref="WithArguments"/>. The host adds services, session and state to other arguments that lack them.
    /// </summary>
    public required AIFunctionArguments Arguments { get; init; }

    /// <summary>The source id of the plugin that contributed the tool; null only in tests without a host.</summary>
    public string? Source { get; init; }

    /// <summary>Copies the call with other arguments. Session and state of the tool are kept.</summary>
    /// <param name="arguments">All arguments of the tool by name; copied.</param>
    /// <returns>The copy.</returns>
    public FunctionInvocation WithArguments(IEnumerable<KeyValuePair<string, object?>> arguments) => this with
    {
        Arguments = new AIFunctionArguments(new Dictionary<string, object?>(arguments)) { Services = Arguments.Services, Context = Arguments.Context },
    };

    /// <summary>Names it for a log: ids, never text of messages.</summary>
    public override string ToString() => $"Call {CallId} of {Function.Name} in run {Run.RunId}";
}

/// <summary>
/// The rest of a tool call: later function middleware, then the tool. A middleware may call it once, before it returns.
/// </summary>
/// <param name="invocation">The call, or a changed copy.</param>
/// <param name="cancellationToken">Pass the token that the middleware received.</param>
/// <returns>The tool's result. An exception from the tool is thrown here.</returns>
/// <exception cref="InvalidOperationException">Called a second time, or after the middleware has returned.</exception>
public delegate ValueTask<object?> FunctionDelegate(FunctionInvocation invocation, CancellationToken cancellationToken);

/// <summary>
/// Wraps every call of a plugin's tool. The caller runs its own tools, so their calls are not wrapped. Called concurrently for
/// different sessions; the calls of one run are sequential. Among function middleware, the first in the chain is the outermost.
/// </summary>
public interface IFunctionMiddleware
{
    /// <summary>
    /// Runs the tool, or returns a result instead. An exception becomes the tool's error result; the model sees no details.
    /// </summary>
    /// <param name="invocation">The call.</param>
    /// <param name="next">The rest of the call.</param>
    /// <param name="cancellationToken">Cancelled with the run, or when the middleware's self time exceeds its timeout.</param>
    /// <returns>The result for the model.</returns>
    ValueTask<object?> InvokeAsync(FunctionInvocation invocation, FunctionDelegate next, CancellationToken cancellationToken);
}
