namespace PluginHost.Engine.Errors;

/// <summary>A request is refused, for a reason that its sender should know. The only exception that interfaces turn into an answer.</summary>
internal class ProblemException(Problem problem) : Exception(problem.Detail)
{
    public ProblemException(ProblemType type, string detail)
        : this(new Problem(type, detail))
    {
    }

    public Problem Problem { get; private init; } = problem;

    public ProblemType Type => Problem.Type;

    public IReadOnlyList<ProblemError> Errors
    {
        get => Problem.Errors;
        init => Problem = Problem with { Errors = value };
    }

    /// <summary>Seconds after which a retry makes sense; null when it does not.</summary>
    public int? RetryAfterSeconds
    {
        get => Problem.RetryAfterSeconds;
        init => Problem = Problem with { RetryAfterSeconds = value };
    }

    public static ProblemException SessionNotFound(string id) =>
        new(ProblemTypes.SessionNotFound, $"There is no session '{id}'.");

    public static ProblemException RunNotFound(string id) =>
        new(ProblemTypes.RunNotFound, $"There is no run '{id}' in this session.");

    public static ProblemException UnknownCursor(string parameter, string cursor) =>
        Invalid(new ProblemError(parameter, $"'{cursor}' is not in this list", "an id from an earlier page"));

    public static ProblemException Invalid(params IReadOnlyList<ProblemError> errors) =>
        new(ProblemTypes.InvalidRequest, errors.Count == 1 ? $"{errors[0].Path}: {errors[0].Message}" : $"{errors.Count} things are wrong with the request.")
        {
            Errors = errors,
        };
}
