namespace PluginHost.Sdk;

/// <summary>
/// A plugin refuses a run: a budget is used up, an input is not allowed. Thrown while the run goes through the chain, by a provider, a
/// middleware, a chat client, a tool, or a stream function of an output. It is no failure: it is never skipped, the plugin's log and metrics
/// show no error. Observers and histories get <see cref="RunOutcome.Failed"/> with the error type <c>run_refused</c>; telemetry has the outcome
/// <c>refused</c>. Messages are stored as those of a failed run, so that later runs do not see them, and state is discarded. Immutable.
/// </summary>
/// <remarks>
/// Callers get code and message, with status 429 and <c>Retry-After</c> when there is a delay, and 403 otherwise: the native problem
/// <c>run-refused</c>, or an error of OpenAI's or Anthropic's interface. When text has been streamed already, the last event says so.
/// </remarks>
public sealed class RunRefusedException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="code">A low-cardinality code that programs react to, for example <c>budget_exceeded</c>; not empty.</param>
    /// <param name="message">The cause for callers, in words, without secrets.</param>
    /// <param name="retryAfter">When the same request may succeed, 0 or more; null when it never will.</param>
    /// <exception cref="ArgumentException"><paramref name="code"/> is empty, or <paramref name="retryAfter"/> is negative.</exception>
    public RunRefusedException(string code, string message, TimeSpan? retryAfter = null)
        : base(message)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(code);
        if (retryAfter < TimeSpan.Zero) throw new ArgumentException("Must not be negative.", nameof(retryAfter));
        (Code, RetryAfter) = (code, retryAfter);
    }

    /// <summary>A low-cardinality code that programs react to.</summary>
    public string Code { get; }

    /// <summary>When the same request may succeed; null when it never will.</summary>
    public TimeSpan? RetryAfter { get; }
}
