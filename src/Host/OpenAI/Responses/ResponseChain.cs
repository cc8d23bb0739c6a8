using PluginHost.Engine.Errors;
using PluginHost.Engine.Runs.Admission;
using PluginHost.Engine.Sessions.Store;
using PluginHost.OpenAI.Errors;
using PluginHost.Sdk;

namespace PluginHost.OpenAI.Responses;

/// <summary>Sessions that hold nothing but a chain of responses. A response that follows one of a named conversation never changes that.</summary>
internal static class ResponseChain
{
    public const string Prefix = "chain_";

    public static bool IsChain(SessionKey session) => session.Id.StartsWith(Prefix, StringComparison.Ordinal);

    /// <summary>The run of a response.</summary>
    /// <exception cref="ProblemException">404.</exception>
    public static async ValueTask<RunRecord> RequireAsync(RunEngine engine, string tenant, string id, CancellationToken cancellationToken) =>
        await FindAsync(engine, tenant, id, cancellationToken)
        ?? throw new ProblemException(OpenAIProblemTypes.ResponseNotFound, $"Response with id '{id}' not found.");

    /// <summary>The run that a new response follows.</summary>
    /// <exception cref="ProblemException">400 when it is not known, or has not ended.</exception>
    public static async ValueTask<RunRecord> PreviousAsync(RunEngine engine, string tenant, string id, CancellationToken cancellationToken)
    {
        if (await FindAsync(engine, tenant, id, cancellationToken) is not { } run)
            throw Refused(OpenAIProblemTypes.PreviousResponseNotFound, $"Previous response with id '{id}' not found.");
        if (run.Status is RunStatus.Queued or RunStatus.Running)
            throw Refused(OpenAIProblemTypes.PreviousResponseInProgress, $"Response '{id}' is still in progress. Wait until it has ended, or cancel it.");
        return run;
    }

    private static async ValueTask<RunRecord?> FindAsync(RunEngine engine, string tenant, string id, CancellationToken cancellationToken)
    {
        // A stateless run leaves nothing behind, so that it cannot be found while it runs either.
        if (!SessionIds.IsValid(id) || engine.FindLive(tenant, id) is { IsStateless: true }) return null;
        return await engine.FindRunAsync(tenant, id, cancellationToken);
    }

    private static ProblemException Refused(ProblemType type, string detail) =>
        new(type, detail) { Errors = [new ProblemError("previous_response_id", detail)] };
}
