namespace PluginHost.Engine.Errors;

/// <summary>One thing that is wrong with a request.</summary>
/// <param name="Path">Where, for example <c>input[0].role</c>.</param>
/// <param name="Message">What is wrong.</param>
/// <param name="Allowed">What is allowed; null when there is no short answer.</param>
internal sealed record ProblemError(string Path, string Message, string? Allowed = null)
{
    /// <summary>The kind of the error in a word, for interfaces that have one for each; null for a value that is not allowed.</summary>
    public string? Code { get; init; }
}

/// <summary>
/// A request that cannot be served, for a reason its sender should know. The one exception that the HTTP layer turns into
/// a problem document (or an OpenAI error).
/// </summary>
/// <param name="status">The HTTP status, 400 to 599.</param>
/// <param name="type">A stable slug, for example <c>session-not-found</c>.</param>
/// <param name="detail">For a person: the cause and the cure.</param>
internal sealed class ProblemException(int status, string type, string detail) : Exception(detail)
{
    public int Status { get; } = status;

    public string Type { get; } = type;

    public IReadOnlyList<ProblemError> Errors { get; init; } = [];

    /// <summary>Seconds after which a retry makes sense; null when it does not.</summary>
    public int? RetryAfterSeconds { get; init; }

    public static ProblemException SessionNotFound(string id) =>
        new(404, "session-not-found", $"There is no session '{id}'.");

    public static ProblemException RunNotFound(string id) =>
        new(404, "run-not-found", $"There is no run '{id}' in this session.");

    public static ProblemException Invalid(params IReadOnlyList<ProblemError> errors) =>
        new(400, "invalid-request", errors.Count == 1 ? $"{errors[0].Path}: {errors[0].Message}" : $"{errors.Count} things are wrong with the request.")
        {
            Errors = errors,
        };
}
