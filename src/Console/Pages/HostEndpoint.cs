using PluginHost.WebConsole.Api;

namespace PluginHost.WebConsole.Pages;

/// <summary>Shows the agents and the plugins.</summary>
internal static class HostEndpoint
{
    public static async Task GetAgentsAsync(PageRequest page)
    {
        var host = page.Api.GetAsync("/v1/host", ApiJson.Default.ApiHost);
        var agents = await page.Api.GetAsync("/v1/agents", ApiJson.Default.ApiListApiAgent);
        await page.WriteAsync<AgentsPage>((nameof(AgentsPage.Agents), agents.Required.Data), (nameof(AgentsPage.Generation), (await host).Value?.Generation));
    }

    public static async Task GetPluginsAsync(PageRequest page)
    {
        var plugins = await page.Api.GetAsync("/v1/plugins", ApiJson.Default.ApiListApiPlugin);
        await page.WriteAsync<PluginsPage>((nameof(PluginsPage.Plugins), plugins.Required.Data));
    }
}
