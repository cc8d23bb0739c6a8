using PluginHost.WebConsole.Api;

namespace PluginHost.WebConsole.Pages;

/// <summary>Shows admins what a run of another tenant did, without its content.</summary>
internal static class TraceEndpoint
{
    public static async Task GetAsync(PageRequest page)
    {
        var run = page.Route("run");
        if (page.Query("session") is { } session && (await page.Api.GetAsync(ApiPath.Run(session, run), ApiJson.Default.ApiRun)).Value is not null)
        {
            // It is one of the sender's own tenant, whose page has more.
            page.Redirect(ApiPath.RunPage(session, run));
            return;
        }

        var trace = (await page.Api.GetAsync($"/v1/traces/{ApiPath.Escape(run)}", ApiJson.Default.ApiTrace)).Required;
        await page.WriteAsync<TracePage>((nameof(TracePage.Trace), trace));
    }
}
