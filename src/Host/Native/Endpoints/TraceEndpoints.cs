using PluginHost.Engine.Errors;
using PluginHost.Engine.Observation;
using PluginHost.Engine.Runs.Admission;
using PluginHost.Http;
using PluginHost.Native.Resources;
using PluginHost.Sdk;

namespace PluginHost.Native.Endpoints;

/// <summary>Reads the trace of a run that has ended.</summary>
internal static class TraceEndpoints
{
    public static void MapTraces(this IEndpointRouteBuilder routes) =>
        routes.MapCall("GET", "/v1/sessions/{id}/runs/{run}/trace", GetAsync, "getRunTrace", "Reads the spans of a run that has ended, as a tree.")
            .Gives(200, typeof(TraceResource)).Refuses(400, 404);

    private static async Task GetAsync(HttpContext context)
    {
        var (session, runId) = context.ReadRunKey();
        // Before the trace is looked up, because this keeps one tenant from another's runs.
        var run = await context.Service<RunEngine>().GetRunAsync(session, runId, context.RequestAborted);
        var traces = context.Service<KeptTraces>();
        var trace = traces.Find(run.Id) ?? throw new ProblemException(ProblemTypes.TraceNotKept, Reason(run, traces.Capacity));
        await context.WriteAsync(200, TraceResource.From(trace), ApiJson.Default.TraceResource);
    }

    private static string Reason(RunRecord run, int capacity)
    {
        if (capacity == 0)
            return "This host keeps no traces. Set Telemetry:KeptTraces to how many it may keep; runs from then on have one.";
        return run.Status is RunStatus.Queued or RunStatus.Running
            ? $"Run '{run.Id}' has not ended yet; its trace is there when it has."
            : $"The trace of run '{run.Id}' is not kept: the host keeps those of the last {capacity} runs (Telemetry:KeptTraces), in memory only, and limits how many that begin in one second it records (Telemetry:TracesPerSecond).";
    }
}
