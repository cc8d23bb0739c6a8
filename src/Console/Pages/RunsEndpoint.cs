using PluginHost.WebConsole.Api;

namespace PluginHost.WebConsole.Pages;

/// <summary>Finds runs over all sessions.</summary>
internal static class RunsEndpoint
{
    private const int Limit = 50;

    public static async Task GetAsync(PageRequest page)
    {
        var filter = RunFilter.From(page);
        var found = await page.Api.GetAsync(filter.ToPath("/v1/runs", page.Query("after"), Limit), ApiJson.Default.ApiListApiRun);
        var isEmpty = page.Query("after") is null && found.Value is { Data.Count: 0, HasMore: false } && filter.ToPath("", null).Length == 0;
        await page.With(found.Problem).WriteAsync<RunsPage>(
            (nameof(RunsPage.FirstRun), isEmpty ? await FirstRun.WriteAsync(page) : null),
            (nameof(RunsPage.HasTenants), page.Login.IsNeeded),
            (nameof(RunsPage.Filter), filter), (nameof(RunsPage.Runs), found.Value), (nameof(RunsPage.IsFirst), page.Query("after") is null));
    }
}

/// <summary>Which runs are looked for. Its members have the names of the API's parameters.</summary>
public sealed record RunFilter(string? Status, string? Agent, string? Session, string? ErrorType, string? Skipped, string? Since, string? Until, bool Trouble, string? Tenant)
{
    internal static RunFilter From(PageRequest page) => new(
        page.Query("status"), page.Query("agent"), page.Query("session"), page.Query("error_type"), page.Query("skipped"), page.Query("since"), page.Query("until"), page.Query("trouble") == "true", page.Query("tenant"));

    public string ToPath(string path, string? after, int? limit = null) => ApiPath.WithQuery(
        path,
        ("status", Status), ("agent", Agent), ("session", Session), ("error_type", ErrorType), ("skipped", Skipped), ("since", Since), ("until", Until),
        ("trouble", Trouble ? "true" : null), ("tenant", Tenant), ("after", after), ("limit", limit?.ToString(System.Globalization.CultureInfo.InvariantCulture)));
}
