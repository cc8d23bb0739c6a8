using Microsoft.AspNetCore.Http;
using PluginHost.WebConsole.Api;

namespace PluginHost.WebConsole.Pages;

/// <summary>Begins a conversation on a new session.</summary>
internal static class NewEndpoint
{
    public static Task GetAsync(PageRequest page) => WriteAsync(page, new Draft { Agent = page.Query("agent") });

    public static async Task PostAsync(PageRequest page, IFormCollection form)
    {
        var draft = new Draft { Input = form["input"], Tools = RunStartEndpoint.NullIfEmpty(form["tools"]), Agent = form["agent"] };
        var (body, wrong) = RunStartEndpoint.ToBody(draft, busy: null);
        var started = wrong is null ? await page.Api.PostAsync("/v1/runs", body, ApiJson.Default.ApiRun) : new(null, wrong);
        if (started.Value is not { } run)
        {
            await WriteAsync(page.With(started.Problem), draft);
            return;
        }

        page.Inputs.Add(run.Id, draft.Input ?? "");
        page.Redirect(ApiPath.SessionPage(run.SessionId));
    }

    private static async Task WriteAsync(PageRequest page, Draft draft)
    {
        var agents = (await page.Api.GetAsync("/v1/agents", ApiJson.Default.ApiListApiAgent)).Required.Data;
        await page.WriteAsync<NewPage>((nameof(NewPage.Agents), agents), (nameof(NewPage.Draft), draft));
    }
}
