using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Runs.Admission;
using PluginHost.Engine.Runs.Live;
using PluginHost.Engine.Runs.Replay;
using PluginHost.Http;
using PluginHost.Http.Access;
using PluginHost.Http.Binding;
using PluginHost.Native.Resources;
using PluginHost.Sdk;

namespace PluginHost.Native.Endpoints;

/// <summary>Explains what the model was given in a run, and what it would be given.</summary>
internal static class ExplainEndpoints
{
    public static void MapExplanations(this IEndpointRouteBuilder routes)
    {
        routes.MapCall(
            "GET", "/v1/sessions/{id}/runs/{run}/explain", ExplainRunAsync, "explainRun",
            "Reads what the model was given in each of its calls, and by which plugin. Of a run in progress: as far as it is.")
            .Gives(200, typeof(ExplanationResource)).Refuses(400, 404);
        routes.MapCall(
            "POST", "/v1/sessions/{id}/explain", ExplainInputAsync, "explainInput",
            "Says what the model would be sent for an input, without calling it. Nothing is stored; histories load and context providers give as in a run.")
            .Query<WouldBeParameters>()
            .Takes(typeof(RunBody)).Gives(200, typeof(ExplanationResource)).Refuses(400, 403, 404, 409, 413, 415, 422, 429, 502, 503, 504);
    }

    private static async Task ExplainRunAsync(HttpContext context)
    {
        var (session, runId) = context.ReadRunKey();
        // Before the explanation is looked up, because this keeps one tenant from another's runs.
        var run = await context.Service<RunEngine>().GetRunAsync(session, runId, context.RequestAborted);
        var kept = context.Service<LiveRuns>().Explanations;
        var explanation = await kept.FindAsync(session, run.Id, context.RequestAborted) ?? throw NotKept(run, kept.Settings);
        await context.WriteAsync(200, ExplanationResource.From(explanation, RunResource.StatusText(run.Status), context.RequestAborted), ApiJson.Default.ExplanationResource);
    }

    private static async Task ExplainInputAsync(HttpContext context)
    {
        var errors = new InputErrors();
        QueryBinder.Bind<WouldBeParameters>(context, errors);
        var session = Tenancy.SessionOf(context, errors);
        var body = BodyBinder.Bind<RunBody>(await JsonBody.ReadAsync(context.Request, errors), errors);
        errors.ThrowIfAny();
        var command = RunStartEndpoints.ToCommand(context, session.Id, body);
        var explanation = await context.Service<WouldBeRuns>().ExplainAsync(command, context.RequestAborted);
        await context.WriteAsync(200, ExplanationResource.From(explanation, ExplanationResource.WouldBe, context.RequestAborted), ApiJson.Default.ExplanationResource);
    }

    private static ProblemException NotKept(RunRecord run, ExplainConfiguration settings)
    {
        if (!settings.Enabled)
            return new(ProblemTypes.ExplanationNotKept, "This host does not keep what models are given. Set Explain:Enabled; runs from then on are explained.");
        var kept = settings.Store == ExplanationPlace.Session
            ? $"the session store keeps the last {settings.StoreTenantBytes} bytes of a tenant (Explain:StoreTenantBytes), and the host"
            : $"the host keeps the last {settings.TenantBytes} bytes of a tenant (Explain:TenantBytes) and {settings.Bytes} in all (Explain:Bytes), in memory only (Explain:Store),";
        return new(
            ProblemTypes.ExplanationNotKept,
            $"What the model was given in run '{run.Id}' is not kept: {kept} records {settings.RunsPerSecond} of the runs that begin in one second (Explain:RunsPerSecond), and forgets those of a session when messages of it are deleted.");
    }
}
