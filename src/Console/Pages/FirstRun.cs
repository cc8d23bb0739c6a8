using PluginHost.WebConsole.Api;

namespace PluginHost.WebConsole.Pages;

/// <summary>A command for a terminal that runs an agent: what to try on a page that has nothing to show yet.</summary>
internal static class FirstRun
{
    /// <param name="page">The request.</param>
    /// <param name="session">The session that it is run on.</param>
    public static async Task<string> WriteAsync(PageRequest page, string session = "first")
    {
        var request = page.Context.Request;
        var agents = (await page.Api.GetAsync("/v1/agents", ApiJson.Default.ApiListApiAgent)).Value?.Data ?? [];
        // A request has to name its agent when there are several.
        var agent = agents.Count > 1 ? $"\"agent\":\"{agents[0].Name}\"," : "";
        var key = page.Login.IsNeeded ? " -H \"Authorization: Bearer $PLUGINHOST_API_KEY\"" : "";
        return $$"""curl -s {{request.Scheme}}://{{request.Host}}{{ApiPath.Session(session)}}/runs{{key}} -H 'Content-Type: application/json' -d '{{{agent}}"input":"hi"}'""";
    }
}
