using PluginHost.Engine.Errors;
using PluginHost.Engine.Observation;
using PluginHost.Engine.Runs.Admission;
using PluginHost.Engine.Sessions.Admin;
using PluginHost.Http;
using PluginHost.Http.Access;
using PluginHost.Http.Binding;
using PluginHost.Native.Resources;
using PluginHost.Sdk;

namespace PluginHost.Native.Endpoints;

/// <summary>Reads the traces of runs, stored or not, that ended lately or are in progress.</summary>
internal static class TraceEndpoints
{
    // A run's messages are the last ones up to it: its input is among so many, unless tools made very many.
    private const int MaxMessages = 100;

    public static void MapTraces(this IEndpointRouteBuilder routes)
    {
        routes.MapCall("GET", "/v1/sessions/{id}/runs/{run}/trace", OfRunAsync, "getRunTrace", "Reads the spans of a run, as a tree. Those of a run in progress show what is open.")
            .Gives(200, typeof(TraceResource)).Refuses(400, 404);
        routes.MapCall(
            "GET", "/v1/traces/{id}", FindAsync, "findTrace",
            "Reads the same by the id of a run, of a response or chat completion, or of a request (x-request-id), also when the run is not stored. Admins find those of all tenants.")
            .Gives(200, typeof(TraceResource)).Refuses(400, 404);
    }

    private static async Task OfRunAsync(HttpContext context)
    {
        var (session, runId) = context.ReadRunKey();
        // Before the trace is looked up, because this keeps one tenant from another's runs.
        var run = await context.Service<RunEngine>().GetRunAsync(session, runId, context.RequestAborted);
        var traces = context.Service<KeptTraces>();
        var trace = traces.Find(session.Tenant, run.Id) ?? throw NotKept(run, traces.Capacity);
        await WriteAsync(context, trace, run);
    }

    private static async Task FindAsync(HttpContext context)
    {
        var errors = new InputErrors();
        QueryBinder.Bind<NoQuery>(context, errors);
        var id = Tenancy.PathId(context, "id", errors);
        errors.ThrowIfAny();
        var (engine, traces, tenant) = (context.Service<RunEngine>(), context.Service<KeptTraces>(), Tenancy.TenantOf(context));
        var trace = traces.Find(Tenancy.IsAdmin(context) ? null : tenant, id);
        // A run that failed because of its store may be in no store, and the store may still fail.
        var failedByStore = trace?.Record?.Error?.Type == ErrorTypes.Storage;
        RunRecord? run = null;
        try
        {
            run = await engine.FindRunAsync(trace?.Session.Tenant ?? tenant, trace?.RunId ?? id, context.RequestAborted);
        }
        catch (ProblemException) when (failedByStore)
        {
            // Its trace says why.
        }

        // What was deleted is not shown.
        if (trace is { Run.IsStateless: false } && run is null && !failedByStore) trace = null;
        if (trace is null) throw run is null ? Unknown(id) : NotKept(run, traces.Capacity);
        // What a run was about is for its tenant alone.
        await WriteAsync(context, trace, trace.Session.Tenant == tenant && !trace.Run.IsStateless ? run : null);
    }

    private static async Task WriteAsync(HttpContext context, RunTrace trace, RunRecord? run)
    {
        var input = run is null ? null : await FindInputAsync(context, run);
        await context.WriteAsync(200, TraceResource.From(trace, run, input), ApiJson.Default.TraceResource);
    }

    /// <summary>What the session's history stored of the run's input; null when it is not there.</summary>
    private static async ValueTask<string?> FindInputAsync(HttpContext context, RunRecord run)
    {
        var query = new HistoryQuery { Session = run.Session, UpToRun = run.Id, Limit = MaxMessages, Order = ListOrder.Descending, IncludeFailed = true };
        try
        {
            var page = await context.Service<SessionService>().ListMessagesAsync(query, context.RequestAborted);
            return string.Join('\n', page.Items.Reverse().Where(m => m.RunId == run.Id && m.Origin == MessageOrigin.Input).Select(m => m.Message.Text));
        }
        catch (ProblemException)
        {
            // The trace is worth showing when a store fails: it may say why.
            return null;
        }
    }

    private static ProblemException Unknown(string id) => new(
        ProblemTypes.TraceNotKept,
        $"There is no trace of a run, response or request '{id}'. The host keeps those of its last runs alone, in memory.");

    private static ProblemException NotKept(RunRecord run, int capacity) => new(ProblemTypes.TraceNotKept, capacity == 0
        ? "This host keeps no traces. Set Telemetry:KeptTraces to how many it may keep; runs from then on have one."
        : $"The trace of run '{run.Id}' is not kept: the host keeps those of the last {capacity} runs (Telemetry:KeptTraces), in memory only, and limits how many that begin in one second it records (Telemetry:TracesPerSecond).");
}
