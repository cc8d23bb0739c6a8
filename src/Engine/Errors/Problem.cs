using PluginHost.Sdk;

namespace PluginHost.Engine.Errors;

/// <summary>A refused request: what its sender learns. Immutable.</summary>
/// <param name="Type">The row of the catalog.</param>
/// <param name="Detail">The cause and the cure, for a person.</param>
internal sealed record Problem(ProblemType Type, string Detail)
{
    /// <summary>How many things that are wrong with one request are reported: a request with a million errors gets no answer with a million.</summary>
    public const int MaxErrors = 100;

    public string Detail { get; init; } = ProblemError.Shorten(Detail);

    public IReadOnlyList<ProblemError> Errors { get; init => field = value.Count <= MaxErrors ? value : [.. value.Take(MaxErrors)]; } = [];

    /// <summary>Seconds after which a retry makes sense; null when it does not.</summary>
    public int? RetryAfterSeconds { get; init; }

    /// <summary>The run that failed; null for other refusals.</summary>
    public RunRecord? Run { get; init; }

    /// <summary>Why the run, or a call of a model without a run, failed; null for other refusals.</summary>
    public RunError? Failure { get; init; }

    /// <summary>The low-cardinality type of the failure; null for other refusals.</summary>
    public string? ErrorType => Failure?.Type ?? (Run is null ? null : ErrorTypes.Internal);

    /// <summary>Why a failed run has no answer.</summary>
    public static Problem FromFailedRun(RunRecord run)
    {
        var type = run.Error?.Type switch
        {
            ErrorTypes.Storage => ProblemTypes.StorageUnavailable,
            ErrorTypes.RunRefused => ProblemTypes.RunRefused,
            _ => OfModel(run.Error),
        };
        var problem = FromFailure(type, run.Error) with { Run = run };
        // As when the store fails before the run.
        return type == ProblemTypes.StorageUnavailable ? problem with { RetryAfterSeconds = problem.RetryAfterSeconds ?? 1 } : problem;
    }

    /// <summary>Why a call of a model that belongs to no run has no answer.</summary>
    public static Problem FromModel(Exception failure)
    {
        var error = ModelRunError.From(failure);
        return FromFailure(OfModel(error), error);
    }

    private static ProblemType OfModel(RunError? error) =>
        error?.Type == ModelErrorTypes.ContextLength ? ProblemTypes.ContextLengthExceeded : ProblemTypes.RunFailed;

    private static Problem FromFailure(ProblemType type, RunError? error) => new(type, error?.Message ?? "The run failed.")
    {
        Failure = error,
        RetryAfterSeconds = error?.RetryAfter is { } wait ? Math.Max(0, (int)Math.Ceiling(wait.TotalSeconds)) : null,
    };
}

/// <summary>One thing that is wrong with a request.</summary>
/// <param name="Path">Where, for example <c>input[0].role</c>.</param>
/// <param name="Message">What is wrong.</param>
/// <param name="Allowed">What is allowed; null when there is no short answer.</param>
internal sealed record ProblemError(string Path, string Message, string? Allowed = null)
{
    private const int MaxLength = 2000;

    public string Path { get; init; } = Shorten(Path);

    public string Message { get; init; } = Shorten(Message);

    public string? Allowed { get; init; } = Allowed is null ? null : Shorten(Allowed);

    /// <summary>The kind of the error in a word, for interfaces that have one for each; null for a value that is not allowed.</summary>
    public string? Code { get; init; }

    /// <summary>A text as answers and the log have it: it may quote a request of any length.</summary>
    public static string Shorten(string text) => text.Length <= MaxLength ? text : $"{text.AsSpan(0, MaxLength)}…";
}
