using PluginHost.Engine.Errors;
using PluginHost.Engine.Hosting;
using PluginHost.Engine.Runs.Replay;
using PluginHost.Http;
using PluginHost.Http.Access;
using PluginHost.Http.Binding;
using PluginHost.Native.Resources;

namespace PluginHost.Native.Endpoints;

/// <summary>Makes recorded runs again with another configuration.</summary>
internal static class ReplayEndpoints
{
    public static void MapReplays(this IEndpointRouteBuilder routes) => routes.MapCall(
        "POST", "/v1/sessions/{id}/replay", ReplayAsync, "replaySession",
        "Makes the recorded runs of a session again with another configuration, with the recorded answers of the model, and says what the model would have been sent otherwise. Nothing is stored.")
        .ForAdmins().Takes(typeof(ReplayBody), optional: true).Gives(200, typeof(ReplayResource)).Refuses(400, 404, 409, 413, 415, 422);

    private static async Task ReplayAsync(HttpContext context)
    {
        var errors = new InputErrors();
        QueryBinder.Bind<NoQuery>(context, errors);
        var session = Tenancy.SessionOf(context, errors);
        var body = BodyBinder.Bind<ReplayBody>(await JsonBody.ReadAsync(context.Request, errors, optional: true), errors);
        errors.ThrowIfAny();
        var (candidates, replay) = (context.Service<CandidateConfigurations>(), context.Service<SessionReplay>());
        var runs = await context.Service<HostRuntime>().TryAsync(
            () => candidates.Load(body.Config),
            (set, cancellationToken) => replay.ReplayAsync(set, session, body.Run, cancellationToken),
            context.RequestAborted);
        if (body.Run is { } run && runs.Count == 0)
            throw new ProblemException(ProblemTypes.ExplanationNotKept, $"What the model was given in run '{run}' is not kept, so that it cannot be made again.");
        await context.WriteAsync(200, ReplayResource.From(session.Id, runs), ApiJson.Default.ReplayResource);
    }
}
