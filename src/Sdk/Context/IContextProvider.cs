using Microsoft.Extensions.AI;

namespace PluginHost.Sdk;

/// <summary>Adds messages, instructions and tools before the model is called, and may observe the result.</summary>
/// <remarks>Methods are called concurrently for different sessions, never for two runs of one session at once.</remarks>
public interface IContextProvider
{
    /// <summary>
    /// What to add to a run. Called once per run, in chain order; the request holds what the stages before this one added.
    /// By default a provider that throws is skipped, and named in the run's result.
    /// </summary>
    /// <param name="request">The run at the provider's place in the chain.</param>
    /// <param name="cancellationToken">Cancelled with the run, or at the entry's timeout.</param>
    /// <returns>What to add; <see cref="ContextContribution.Empty"/> for nothing.</returns>
    ValueTask<ContextContribution> ProvideAsync(RunRequest request, CancellationToken cancellationToken);

    /// <summary>
    /// Told once how the run ended, on every outcome, after the outcome is final and before the session is saved: state
    /// written here is saved on completed and cancelled runs. In reverse chain order. Not called when
    /// <see cref="ProvideAsync"/> was not. What it throws is logged and does not change the outcome.
    /// </summary>
    /// <param name="request">The request that <see cref="ProvideAsync"/> got.</param>
    /// <param name="result">The outcome, and the output as it came back to the provider's place.</param>
    /// <param name="cancellationToken">A token of its own, not the run's: cancelled at the entry's timeout.</param>
    ValueTask ObserveAsync(RunRequest request, RunResult result, CancellationToken cancellationToken) => default;
}

/// <summary>What a context provider adds to a run. The host stamps all of it with the provider's source id.</summary>
public sealed record ContextContribution
{
    /// <summary>Adds nothing.</summary>
    public static ContextContribution Empty { get; } = new();

    /// <summary>Messages that come after the context so far and before the input.</summary>
    public IReadOnlyList<ChatMessage> Messages { get; init; } = [];

    /// <summary>Text that is joined to the agent's instructions with a newline; null for none.</summary>
    public string? Instructions { get; init; }

    /// <summary>
    /// Tools that the model may call; the host runs them. A name that another tool of the run has already fails the run. In
    /// a tool, <see cref="ToolArguments.GetSession"/> gives the session.
    /// </summary>
    public IReadOnlyList<AIFunction> Tools { get; init; } = [];
}
