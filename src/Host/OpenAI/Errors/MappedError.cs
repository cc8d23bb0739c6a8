using System.Collections.Frozen;
using PluginHost.Engine.Errors;
using PluginHost.Http;
using PluginHost.Http.Errors;
using PluginHost.OpenAI.Wire;

namespace PluginHost.OpenAI.Errors;

/// <summary>A problem as OpenAI's clients read it. A code that is not listed here is the problem's slug.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Error">What the caller gets.</param>
/// <param name="IsRetryable">Whether the same request may succeed later.</param>
internal sealed record MappedError(int Status, Error Error, bool IsRetryable)
{
    /// <summary>Whether the model's server says that a retry is worth it, whatever the status.</summary>
    public bool IsRetryRequested { get; private init; }

    /// <summary>How many errors of one request the message lists.</summary>
    private const int MaxListed = 10;

    private const string RateLimit = "rate_limit_exceeded";

    /// <summary>The rows that differ from the native API: the status (null for the same one), and the code.</summary>
    private static readonly FrozenDictionary<ProblemType, (int? Status, string Code)> Known = new Dictionary<ProblemType, (int?, string)>
    {
        [HttpProblemTypes.Unauthorized] = (null, "invalid_api_key"),
        [HttpProblemTypes.NotFound] = (null, "unknown_url"),
        [HttpProblemTypes.MethodNotAllowed] = (null, "method_not_supported"),
        [HttpProblemTypes.RateLimited] = (null, RateLimit),
        [ProblemTypes.AgentNotFound] = (null, "model_not_found"),
        [ProblemTypes.SessionBusy] = (400, "conversation_locked"),
        [ProblemTypes.SessionQueueFull] = (null, RateLimit),
        [ProblemTypes.TooManyRuns] = (null, RateLimit),
        [OpenAIProblemTypes.PreviousResponseNotFound] = (400, "previous_response_not_found"),
        [OpenAIProblemTypes.PreviousResponseInProgress] = (400, "previous_response_in_progress"),
        [OpenAIProblemTypes.ResponseNotFound] = (404, "response_not_found"),
        [OpenAIProblemTypes.ResponseNotInBackground] = (400, "response_not_in_background"),
        [OpenAIProblemTypes.ItemNotFound] = (404, "item_not_found"),
        [OpenAIProblemTypes.ReferenceNotFound] = (400, "item_not_found"),
        [OpenAIProblemTypes.UnsupportedEndpoint] = (400, "unsupported_endpoint"),
        [OpenAIProblemTypes.UpgradeRequired] = (426, "upgrade_required"),
        [OpenAIProblemTypes.ConnectionLimit] = (400, "websocket_connection_limit_reached"),
        [OpenAIProblemTypes.StreamLimit] = (400, "websocket_stream_limit_reached"),
        [OpenAIProblemTypes.RunCancelled] = (409, "run_cancelled"),
    }.ToFrozenDictionary();

    /// <summary>The errors of runs whose status differs: the model's server refused for now, or refused the caller's input.</summary>
    private static readonly FrozenDictionary<string, (int Status, string Code)> KnownFailures = new Dictionary<string, (int, string)>
    {
        ["model_rate_limited"] = (429, RateLimit),
        ["model_request_rejected"] = (400, "model_request_rejected"),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The codes that are neither a problem's slug nor a run's type of error.</summary>
    public static IEnumerable<string> ChosenCodes => Known.Where(k => k.Value.Code != k.Key.Slug.Replace('-', '_')).Select(k => k.Value.Code)
        .Concat(KnownFailures.Values.Select(k => k.Code));

    /// <param name="problem">The problem.</param>
    /// <param name="serverStatus">The status of a problem that is in no table.</param>
    public static MappedError From(Problem problem, int? serverStatus = null)
    {
        var (status, code) = StatusAndCode(problem, serverStatus);
        var error = new Error(MessageOf(problem), TypeOf(status), ParamOf(problem), code);
        return new MappedError(status, error, problem.Failure?.ShouldRetry ?? IsRetryableStatus(status, code))
        {
            IsRetryRequested = problem.Failure?.ShouldRetry == true,
        };
    }

    private static (int Status, string Code) StatusAndCode(Problem problem, int? serverStatus)
    {
        var known = Known.GetValueOrDefault(problem.Type);
        var status = known.Status ?? serverStatus ?? ProblemStatuses.Find(problem) ?? StatusCodes.Status500InternalServerError;
        if (problem.Type == ProblemTypes.InvalidRequest) return (status, problem.Errors[0].Code ?? "invalid_value");
        if (problem.Type == ProblemTypes.RunRefused) return (status, problem.Failure?.Code ?? "run_refused");
        if (problem.Type != ProblemTypes.RunFailed) return (status, known.Code ?? problem.Type.Slug.Replace('-', '_'));
        // The code of the model's server says more than its kind; clients react to it.
        return KnownFailures.TryGetValue(problem.ErrorType!, out var failure) ? (failure.Status, problem.Failure?.Code ?? failure.Code) : (status, problem.ErrorType!);
    }

    private static string TypeOf(int status) => status switch
    {
        401 => "authentication_error",
        403 => "permission_error",
        429 => "rate_limit_error",
        >= 500 => "server_error",
        _ => "invalid_request_error",
    };

    private static string MessageOf(Problem problem)
    {
        if (problem.Type == ProblemTypes.TranscriptDiverged)
            return $"{problem.Detail} {SessionHeader.Name} with a new id begins another conversation; without it nothing is kept.";
        return problem.Type == ProblemTypes.InvalidRequest ? string.Join(" ", problem.Errors.Take(MaxListed).Select(Line)) : problem.Detail;
    }

    private static string Line(ProblemError error) =>
        $"{error.Path}: {error.Message.TrimEnd('.')}.{(error.Allowed is null ? "" : $" Allowed: {error.Allowed}.")}";

    private static string? ParamOf(Problem problem) => problem.Errors switch
    {
        [{ Path: "$" }, ..] => null,
        [{ Path: "agent" }, ..] => "model",
        [{ Path: var path }, ..] => path,
        _ => problem.Type == ProblemTypes.AgentNotFound ? "model" : problem.Failure?.Param,
    };

    /// <summary>Of conflicts, only another host's write is worth a retry; of other errors, all that need no change by a person first.</summary>
    private static bool IsRetryableStatus(int status, string code) => status is 409 or 422
        ? code == "version_conflict"
        : code is not ("model_unauthorized" or "model_not_found" or "too_many_sessions" or "insufficient_quota");
}
