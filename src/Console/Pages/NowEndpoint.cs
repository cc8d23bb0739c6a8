using System.Globalization;
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
        var tenant = page.Query("tenant")?.Trim();
        var last = ListAsync(page, tenant, status: null);
        var inProgress = await FindInProgressAsync(page, tenant);
        var found = await last;
        if (found.Problem is { Status: StatusCodes.Status401Unauthorized } refused) throw new ApiException(refused);
        await page.WriteAsync<NowPage>(
            (nameof(NowPage.Host), (await host).Value),
            // Only admins learn the generation.
            (nameof(NowPage.ChoosesTenant), page.Login.IsNeeded && (await host).Value?.Generation is not null),
            (nameof(NowPage.Tenant), tenant),
            (nameof(NowPage.Hosts), (await hosts).Value?.Data ?? []),
            (nameof(NowPage.InProgress), inProgress),
            (nameof(NowPage.Last), found.Value?.Data.Where(r => !r.IsInProgress).ToList() ?? []),
            (nameof(NowPage.Problem), found.Problem),
            // It would begin a run of the sender's tenant.
            (nameof(NowPage.FirstRun), tenant is null && found.Value is { Data.Count: 0 } ? await FirstRun.WriteAsync(page) : null));
    }

    private static async Task<List<(ApiRun Run, string Stage)>> FindInProgressAsync(PageRequest page, string? tenant)
    {
        var found = await Task.WhenAll(Unfinished.Select(status => ListAsync(page, tenant, status)));
        var runs = found.SelectMany(f => f.Value?.Data ?? []).Where(r => r.IsInProgress || r.IsParked).ToList();
        var stages = await Task.WhenAll(runs.Select((run, index) => index < MaxStages ? FindStageAsync(page, run, tenant) : Task.FromResult("not read")));
        return [.. runs.Zip(stages)];
    }

    private static Task<ApiAnswer<ApiList<ApiRun>>> ListAsync(PageRequest page, string? tenant, string? status) => page.Api.GetAsync(
        ApiPath.WithQuery("/v1/runs", ("tenant", tenant), ("status", status), ("limit", LastRuns.ToString(CultureInfo.InvariantCulture))), ApiJson.Default.ApiListApiRun);

    /// <summary>The innermost span that is open.</summary>
    private static async Task<string> FindStageAsync(PageRequest page, ApiRun run, string? tenant)
    {
        if (run.IsParked) return "waits for approval";
        // With several hosts, the address of a session leads to the one that has its run.
        var path = tenant is null ? $"{ApiPath.Run(run.SessionId, run.Id)}/trace" : $"/v1/traces/{ApiPath.Escape(run.Id)}";
        var trace = await page.Api.GetAsync(path, ApiJson.Default.ApiTrace);
        if (trace.Value is null) return "";
        var span = trace.Value.Root;
        while (span.Spans.LastOrDefault(s => s.Status == "open") is { } inner) span = inner;
        return span.Name;
    }
}
