using Microsoft.AspNetCore.Http;
using PluginHost.WebConsole.Api;

namespace PluginHost.WebConsole.Pages;

/// <summary>Shows what is in force, and reloads.</summary>
internal static class ConfigurationEndpoint
{
    public static Task GetAsync(PageRequest page) => WriteAsync(page, null);

    public static async Task ReloadAsync(PageRequest page, IFormCollection form)
    {
        var reloaded = await page.Api.PostAsync("/v1/reload", null, ApiJson.Default.ApiReload);
        var notice = reloaded.Value is { } done ? $"Generation {done.Generation} serves now." : null;
        await WriteAsync(page.With(reloaded.Problem, notice), reloaded.Value);
    }

    private static async Task WriteAsync(PageRequest page, ApiReload? reload)
    {
        var generations = await page.Api.GetAsync("/v1/generations", ApiJson.Default.ApiListApiGeneration);
        await page.WriteAsync<ConfigurationPage>((nameof(ConfigurationPage.Generations), generations.Required.Data), (nameof(ConfigurationPage.Reload), reload));
    }
}
