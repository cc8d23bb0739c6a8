using Microsoft.AspNetCore.Http;
using PluginHost.WebConsole.Api;

namespace PluginHost.WebConsole.Pages;

/// <summary>What happens now: the host, the runs in progress, and the last ones.</summary>
internal static class NowEndpoint
{
    private const int LastRuns = 100;

    /// <summary>Of so many runs in progress the stage is shown.</summary>
    private const int MaxStages = 10;

    private static readonly string[] Unfinished = ["running", "queued", "requires_action"];

    public static async Task GetAsync(PageRequest page)
    {
        var host = page.Api.GetAsync("/v1/host", ApiJson.Default.ApiHost);
        var hosts = page.Api.GetAsync("/v1/hosts", ApiJson.Default.ApiListApiHostLease);
        var last = page.Api.GetAsync($"/v1/runs?limit={LastRuns}", ApiJson.Default.ApiListApiRun);
        var inProgress = await FindInProgressAsync(page);
        var found = await last;
        if (found.Problem is { Status: StatusCodes.Status401Unauthorized } refused) throw new ApiException(refused);
        await page.WriteAsync<NowPage>(
            (nameof(NowPage.Host), (await host).Value),
            (nameof(NowPage.Hosts), (await hosts).Value?.Data ?? []),
            (nameof(NowPage.InProgress), inProgress),
            (nameof(NowPage.Last), found.Value?.Data.Where(r => !r.IsInProgress).ToList() ?? []),
            (nameof(NowPage.Problem), found.Problem),
            (nameof(NowPage.FirstRun), found.Value is { Data.Count: 0 } ? await FirstRun.WriteAsync(page) : ""));
    }

    private static async Task<List<(ApiRun Run, string Stage)>> FindInProgressAsync(PageRequest page)
    {
        var found = await Task.WhenAll(Unfinished.Select(status =>
            page.Api.GetAsync($"/v1/runs?status={status}&limit=100", ApiJson.Default.ApiListApiRun)));
        var runs = found.SelectMany(f => f.Value?.Data ?? []).Where(r => r.IsInProgress || r.IsParked).ToList();
        var stages = await Task.WhenAll(runs.Select((run, index) => index < MaxStages ? FindStageAsync(page, run) : Task.FromResult("not read")));
        return [.. runs.Zip(stages)];
    }

    /// <summary>The innermost span that is open.</summary>
    private static async Task<string> FindStageAsync(PageRequest page, ApiRun run)
    {
        if (run.IsParked) return "waits for approval";
        var trace = await page.Api.GetAsync($"{ApiPath.Run(run.SessionId, run.Id)}/trace", ApiJson.Default.ApiTrace);
        if (trace.Value is null) return "";
        var span = trace.Value.Root;
        while (span.Spans.LastOrDefault(s => s.Status == "open") is { } inner) span = inner;
        return span.Name;
    }
}
