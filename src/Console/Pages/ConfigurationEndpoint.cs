using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using PluginHost.WebConsole.Api;

namespace PluginHost.WebConsole.Pages;

/// <summary>Shows the configuration in force, checks another one, and reloads.</summary>
internal static class ConfigurationEndpoint
{
    public static Task GetAsync(PageRequest page) => WriteAsync(page);

    /// <summary>Checks the file as it is now, or the text of the form.</summary>
    public static async Task CheckAsync(PageRequest page, IFormCollection form)
    {
        var text = RunStartEndpoint.NullIfEmpty(form["text"]);
        var check = await page.Api.PostAsync("/v1/check", text is null ? null : new JsonObject { ["text"] = text }, ApiJson.Default.ApiCheck);
        await WriteAsync(page.With(check.Problem), check: check.Value, text: text);
    }

    public static async Task ReloadAsync(PageRequest page, IFormCollection form)
    {
        var reloaded = await page.Api.PostAsync("/v1/reload", null, ApiJson.Default.ApiReload);
        var notice = reloaded.Value is { } done ? $"Generation {done.Generation} serves now." : null;
        // A refusal names no lines. A check of the same file does.
        var check = reloaded.Problem is { Errors.Count: > 0 } ? (await page.Api.PostAsync("/v1/check", null, ApiJson.Default.ApiCheck)).Value : null;
        var problem = check is { Valid: false } ? reloaded.Problem! with { Errors = [] } : reloaded.Problem;
        await WriteAsync(page.With(problem, notice), reloaded.Value, check is { Valid: false } ? check : null);
    }

    private static async Task WriteAsync(PageRequest page, ApiReload? reload = null, ApiCheck? check = null, string? text = null)
    {
        var configuration = page.Api.GetAsync("/v1/configuration", ApiJson.Default.ApiConfiguration);
        var generations = await page.Api.GetAsync("/v1/generations", ApiJson.Default.ApiListApiGeneration);
        await page.WriteAsync<ConfigurationPage>(
            (nameof(ConfigurationPage.Generations), generations.Required.Data),
            (nameof(ConfigurationPage.Configuration), (await configuration).Value),
            (nameof(ConfigurationPage.Reload), reload),
            (nameof(ConfigurationPage.Check), check),
            (nameof(ConfigurationPage.Text), text));
    }
}
