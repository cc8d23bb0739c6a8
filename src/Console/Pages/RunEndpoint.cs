using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using PluginHost.WebConsole.Api;

namespace PluginHost.WebConsole.Pages;

/// <summary>Shows a run with its trace, and acts on runs in progress.</summary>
internal static class RunEndpoint
{
    public static async Task GetAsync(PageRequest page)
    {
        var path = ApiPath.Run(page.Route("id"), page.Route("run"));
        var reading = page.Api.GetAsync(path, ApiJson.Default.ApiRun);
        var explaining = page.Api.GetAsync($"{path}/explain", ApiJson.Default.ApiExplanation);
        var storing = ListStoredAsync(page, page.Route("id"), page.Route("run"));
        var trace = await page.Api.GetAsync($"{path}/trace", ApiJson.Default.ApiTrace);
        var explanation = await explaining;
        var run = (await reading).Required;
        await page.WriteAsync<RunPage>(
            (nameof(RunPage.Run), run),
            (nameof(RunPage.Trace), trace.Value),
            (nameof(RunPage.NoTrace), trace.Problem),
            // The input is not among the last messages of a run that has very many.
            (nameof(RunPage.Stored), await storing is { HasMore: false } stored ? stored.Data : null),
            (nameof(RunPage.Explanation), explanation.Value),
            (nameof(RunPage.NoExplanation), explanation.Problem));
    }

    /// <summary>The last messages that the history has of a run, in order; null when it cannot be read.</summary>
    public static async Task<ApiList<ApiMessage>?> ListStoredAsync(PageRequest page, string session, string run) => (await page.Api.GetAsync(
        ApiPath.WithQuery($"{ApiPath.Session(session)}/messages", ("run", run), ("include_failed", "true"), ("limit", "100")), ApiJson.Default.ApiListApiMessage)).Value;

    public static async Task CancelAsync(PageRequest page, IFormCollection form)
    {
        var (id, run) = (page.Route("id"), page.Route("run"));
        var cancelled = await page.Api.PostAsync($"{ApiPath.Run(id, run)}/cancel", null, ApiJson.Default.ApiRun);
        if (cancelled.Value is null) throw new ApiException(cancelled.Problem!);
        // Only to pages of the console.
        page.Redirect(form["back"].ToString() == "/console" ? "/console" : form["back"] == ApiPath.SessionPage(id) ? ApiPath.SessionPage(id) : ApiPath.RunPage(id, run));
    }

    public static async Task DecideAsync(PageRequest page, IFormCollection form)
    {
        var body = new JsonObject { ["approve"] = form["approve"] == "true", ["call_id"] = form["call_id"].ToString(), ["arguments"] = JsonNode.Parse(form["arguments"].ToString(), documentOptions: ApiDepth.Documents) };
        if (RunStartEndpoint.NullIfEmpty(form["reason"]) is { } reason) body["reason"] = reason;
        var decided = await page.Api.PostAsync($"/v1/approvals/{ApiPath.Escape(page.Route("approval"))}", body, ApiJson.Default.ApiApproval);
        if (decided.Value is null) throw new ApiException(decided.Problem!);
        page.Redirect(ApiPath.SessionPage(page.Route("id")));
    }
}
