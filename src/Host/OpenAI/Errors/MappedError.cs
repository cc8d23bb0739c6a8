using System.Collections.Frozen;
using PluginHost.Engine.Errors;
using PluginHost.Http.Errors;
using PluginHost.OpenAI.Wire;

namespace PluginHost.OpenAI.Errors;

/// <summary>A problem in OpenAI's words: the one place where its codes are chosen. Codes that are not listed are the problem's slug.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Error">What the caller gets.</param>
/// <param name="MayPass">Whether the same request may succeed later.</param>
internal sealed record MappedError(int Status, Error Error, bool MayPass)
{
    /// <summary>So many of the errors of one request are told.</summary>
    private const int Told = 10;

    private const string InvalidRequest = "invalid-request";
    private const string RunFailed = "run-failed";
    private const string RateLimit = "rate_limit_exceeded";

    private static readonly FrozenDictionary<string, (int? Status, string Code)> Known = new Dictionary<string, (int?, string)>
    {
        ["unauthorized"] = (null, "invalid_api_key"),
        ["not-found"] = (null, "unknown_url"),
        ["method-not-allowed"] = (null, "method_not_supported"),
        ["agent-not-found"] = (null, "model_not_found"),
        ["session-busy"] = (400, "conversation_locked"),
        ["session-queue-full"] = (null, RateLimit),
        ["rate-limited"] = (null, RateLimit),
        ["too-many-runs"] = (null, RateLimit),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>How a failed run is told; any other type of error keeps the status that it has in the native API.</summary>
    private static readonly FrozenDictionary<string, (int Status, string Code)> KnownFailures = new Dictionary<string, (int, string)>
    {
        // The model's server refused for now, or refused what the caller sent: its own clients would see these statuses.
        ["model_rate_limited"] = (429, RateLimit),
        ["model_request_rejected"] = (400, "model_request_rejected"),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The codes that are not a problem's slug nor a run's type of error.</summary>
    public static IEnumerable<string> ChosenCodes => [.. Known.Values.Select(k => k.Code), .. KnownFailures.Values.Select(k => k.Code)];

    public static MappedError From(ProblemBody problem)
    {
        var slug = problem.Type[(problem.Type.LastIndexOf('/') + 1)..];
        var (status, code) = slug switch
        {
            InvalidRequest => (problem.Status, problem.Errors?[0].Code ?? "invalid_value"),
            RunFailed => Failure(problem),
            _ when Known.TryGetValue(slug, out var known) => (known.Status ?? problem.Status, known.Code),
            _ => (problem.Status, slug.Replace('-', '_')),
        };
        var error = new Error(MessageOf(problem, slug), TypeOf(status), ParamOf(problem, slug), code);
        return new MappedError(status, error, MayPassLater(status, code));
    }

    private static (int Status, string Code) Failure(ProblemBody problem)
    {
        var type = problem.ErrorType ?? ErrorTypes.Internal;
        return KnownFailures.TryGetValue(type, out var known) ? known : (problem.Status, type);
    }

    private static string TypeOf(int status) => status switch
    {
        401 => "authentication_error",
        403 => "permission_error",
        429 => "rate_limit_error",
        >= 500 => "server_error",
        _ => "invalid_request_error",
    };

    private static string MessageOf(ProblemBody problem, string slug) => slug switch
    {
        InvalidRequest when problem.Errors is { } errors => string.Join(" ", errors.Take(Told).Select(Line)),
        "transcript-diverged" => $"{problem.Detail} X-Session-Id with a new id begins another conversation; without it nothing is kept.",
        _ => problem.Detail,
    };

    private static string Line(ProblemErrorBody error) =>
        $"{error.Path}: {error.Message.TrimEnd('.')}.{(error.Allowed is null ? "" : $" Allowed: {error.Allowed}.")}";

    private static string? ParamOf(ProblemBody problem, string slug) => problem.Errors switch
    {
        [{ Path: "$" }, ..] => null,
        [{ Path: "agent" }, ..] => "model",
        [{ Path: var path }, ..] => path,
        _ => slug == "agent-not-found" ? "model" : null,
    };

    /// <summary>A conflict passes when it is another host's write; the rest of what clients try again, unless somebody has to change something first.</summary>
    private static bool MayPassLater(int status, string code) => status is 409 or 422
        ? code == "version_conflict"
        : code is not ("model_unauthorized" or "model_not_found" or "too_many_sessions");
}
