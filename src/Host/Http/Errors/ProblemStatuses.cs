using System.Collections.Frozen;
using PluginHost.Engine.Errors;

namespace PluginHost.Http.Errors;

/// <summary>
/// The HTTP status of each refusal. <c>run-failed</c> has that of its run's error, see <see cref="RunFailureStatuses"/>,
/// <c>run-refused</c> has 429 when the plugin gives a time for a retry, and <c>request-refused</c> has that of the server.
/// </summary>
internal static class ProblemStatuses
{
    private static readonly FrozenDictionary<ProblemType, int> Statuses = new Dictionary<ProblemType, int>
    {
        [ProblemTypes.InvalidRequest] = 400,
        [ProblemTypes.NothingNew] = 400,
        [ProblemTypes.ContextLengthExceeded] = 400,
        [ProblemTypes.ToolResultMissing] = 400,
        [HttpProblemTypes.MalformedJson] = 400,
        [HttpProblemTypes.BadRequest] = 400,
        [HttpProblemTypes.Unauthorized] = 401,
        [HttpProblemTypes.Forbidden] = 403,
        [HttpProblemTypes.CrossSiteRequest] = 403,
        [HttpProblemTypes.ClusterKeyRefused] = 403,
        [ProblemTypes.RunRefused] = 403,
        [ProblemTypes.AgentNotFound] = 404,
        [ProblemTypes.SessionNotFound] = 404,
        [ProblemTypes.RunNotFound] = 404,
        [ProblemTypes.ApprovalNotFound] = 404,
        [ProblemTypes.TraceNotKept] = 404,
        [ProblemTypes.ExplanationNotKept] = 404,
        [HttpProblemTypes.NotFound] = 404,
        [ProblemTypes.SearchNotSupported] = 404,
        [HttpProblemTypes.MethodNotAllowed] = 405,
        [HttpProblemTypes.RequestTimeout] = 408,
        [ProblemTypes.SessionExists] = 409,
        [ProblemTypes.SessionBusy] = 409,
        [ProblemTypes.RunQueued] = 409,
        [ProblemTypes.RunEnded] = 409,
        [ProblemTypes.RunParked] = 409,
        [ProblemTypes.RunInputFull] = 409,
        [ProblemTypes.ApprovalPending] = 409,
        [ProblemTypes.ApprovalDecided] = 409,
        [ProblemTypes.ApprovalMismatch] = 409,
        [ProblemTypes.VersionConflict] = 409,
        [ProblemTypes.TranscriptDiverged] = 409,
        [ProblemTypes.HistoryChanged] = 409,
        [ProblemTypes.ServiceSession] = 409,
        [ProblemTypes.RunNotLast] = 409,
        [ProblemTypes.ServiceSessionMismatch] = 409,
        [ProblemTypes.NothingToRollBack] = 409,
        [ProblemTypes.BackupRefused] = 409,
        [ProblemTypes.VersionMismatch] = 412,
        [ProblemTypes.StateTooLarge] = 413,
        [HttpProblemTypes.BodyTooLarge] = 413,
        [HttpProblemTypes.UnsupportedMediaType] = 415,
        [HttpProblemTypes.HostNotAllowed] = 421,
        [ProblemTypes.ConfigurationInvalid] = 422,
        [ProblemTypes.IdempotencyKeyReused] = 422,
        [ProblemTypes.TooManyRuns] = 429,
        [ProblemTypes.TooManySessions] = 429,
        [ProblemTypes.SessionQueueFull] = 429,
        [HttpProblemTypes.RateLimited] = 429,
        [HttpProblemTypes.TooManyRequests] = 429,
        [HttpProblemTypes.TooManyStreams] = 429,
        [HttpProblemTypes.TooManyBytes] = 429,
        [ProblemTypes.DeleteIncomplete] = 500,
        [ProblemTypes.InternalError] = 500,
        [HttpProblemTypes.HostLost] = 502,
        [ProblemTypes.SessionElsewhere] = 503,
        [ProblemTypes.ShuttingDown] = 503,
        [ProblemTypes.StorageUnavailable] = 503,
        [HttpProblemTypes.Overloaded] = 503,
        [HttpProblemTypes.TokenIssuerUnavailable] = 503,
        [HttpProblemTypes.NotReady] = 503,
    }.ToFrozenDictionary();

    /// <summary>The status; null for a refusal that is not in the table.</summary>
    public static int? Find(Problem problem)
    {
        if (problem.Type == ProblemTypes.RunFailed) return RunFailureStatuses.Find(problem.ErrorType!);
        if (problem.Type == ProblemTypes.RunRefused && problem.RetryAfterSeconds is not null) return StatusCodes.Status429TooManyRequests;
        return Statuses.TryGetValue(problem.Type, out var status) ? status : null;
    }
}
