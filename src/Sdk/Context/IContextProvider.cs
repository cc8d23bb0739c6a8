using Microsoft.Extensions.AI;

namespace PluginHost.Sdk;

/// <summary>Adds messages, instructions and tools before the model is called, and may observe the result.</summary>
/// <remarks>Methods are called concurrently for different sessions, never for two runs of one session at once.</remarks>
public interface IContextProvider
{
    /// <summary>
    /// Returns what to add to a run. Called once per run, in chain order; the request holds what earlier stages added.
    /// By default, the host skips a provider that throws and names it in the run's result.
    /// </summary>
    /// <param name="request">The run at the provider's place in the chain.</param>
    /// <param name="cancellationToken">Cancelled with the run, or at the entry's timeout.</param>
    /// <returns>What to add; <see cref="ContextContribution.Empty"/> for nothing.</returns>
    ValueTask<ContextContribution> ProvideAsync(RunRequest request, CancellationToken cancellationToken);

    /// <summary>
    /// Called once when the outcome of the run is final, for every outcome, in reverse chain order. Not called when
    /// <see cref="ProvideAsync"/> was not called. The host saves the session afterwards: state written here is saved for
    /// completed and cancelled runs. An exception is logged and does not change the outcome.
    /// </summary>
    /// <param name="request">The request that <see cref="ProvideAsync"/> received.</param>
    /// <param name="result">The outcome, and the response at the provider's place in the chain.</param>
    /// <param name="cancellationToken">Cancelled at the entry's timeout, but not with the run.</param>
    ValueTask ObserveAsync(RunRequest request, RunResult result, CancellationToken cancellationToken) => default;
}

/// <summary>What a context provider adds to a run. The host marks all of it with the provider's source id.</summary>
public sealed record ContextContribution
{
    /// <summary>
    /// A key in the additional properties of a tool: with <see langword="true"/>, a run in which another tool has its name leaves this one
    /// out, instead of failing. For tools whose names come from elsewhere, such as a server that may change its list.
    /// </summary>
    public const string OptionalTool = "pluginhost.optional";

    /// <summary>Adds nothing.</summary>
    public static ContextContribution Empty { get; } = new();

    /// <summary>Messages to add after the existing context and before the input.</summary>
    public IReadOnlyList<ChatMessage> Messages { get; init; } = [];

    /// <summary>Text that the host appends to the agent's instructions after a newline; null for none.</summary>
    public string? Instructions { get; init; }

    /// <summary>
    /// Tools that the model may call; the host runs them. A duplicate tool name fails the run unless one of the tools is an
    /// <see cref="OptionalTool"/>. A tool gets the session from
    /// <see cref="ToolArguments.GetSession"/>. One that returns a <see cref="FunctionResultContent"/> with an exception has failed: the model gets its
    /// result, and telemetry has the error type <c>tool_error</c>.
    /// </summary>
    public IReadOnlyList<AIFunction> Tools { get; init; } = [];

    /// <summary>Names it for a log: ids, never text of messages.</summary>
    public override string ToString() => $"{Messages.Count} messages, {Tools.Count} tools";
}
