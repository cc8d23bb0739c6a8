using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using PluginHost.WebConsole.Api;

namespace PluginHost.WebConsole.Pages;

/// <summary>Begins runs in the background: the page that follows streams them.</summary>
internal static class RunStartEndpoint
{
    private const string ResultField = "result:";

    public static async Task PostAsync(PageRequest page, IFormCollection form)
    {
        var draft = new Draft { Input = form["input"], Tools = NullIfEmpty(form["tools"]), Agent = form["agent"] };
        var id = page.Route("id");
        var (body, wrong) = ToBody(draft, NullIfEmpty(form["busy"]));
        var started = wrong is null ? await page.Api.PostAsync($"{ApiPath.Session(id)}/runs", body, ApiJson.Default.ApiRun) : new(null, wrong);
        await ShowAsync(page, id, draft, started);
    }

    public static async Task PostResultsAsync(PageRequest page, IFormCollection form)
    {
        var id = page.Route("id");
        var parts = form.Where(f => f.Key.StartsWith(ResultField, StringComparison.Ordinal)).Select(f =>
            (JsonNode)new JsonObject { ["type"] = "function_result", ["call_id"] = f.Key[ResultField.Length..], ["result"] = f.Value.ToString() });
        var body = new JsonObject
        {
            ["background"] = true,
            ["agent"] = NullIfEmpty(form["agent"]),
            ["input"] = new JsonArray(new JsonObject { ["role"] = "tool", ["content"] = new JsonArray([.. parts]) }),
        };
        await ShowAsync(page, id, new Draft(), await page.Api.PostAsync($"{ApiPath.Session(id)}/runs", body, ApiJson.Default.ApiRun));
    }

    /// <summary>The body of a run request.</summary>
    public static (JsonObject Body, ApiProblem? Wrong) ToBody(Draft draft, string? busy)
    {
        var body = new JsonObject { ["input"] = draft.Input, ["background"] = true };
        if (NullIfEmpty(draft.Agent) is { } agent) body["agent"] = agent;
        if (busy is not null) body["busy"] = busy;
        if (draft.Tools is not { } tools) return (body, null);
        try
        {
            body["options"] = new JsonObject { ["tools"] = JsonNode.Parse(tools, documentOptions: ApiDepth.Documents) };
            return (body, null);
        }
        catch (JsonException e)
        {
            return (body, new ApiProblem("", "The tools are not JSON", StatusCodes.Status400BadRequest) { Detail = e.Message });
        }
    }

    public static string? NullIfEmpty(string? text) => string.IsNullOrWhiteSpace(text) ? null : text;

    private static async Task ShowAsync(PageRequest page, string session, Draft draft, ApiAnswer<ApiRun> started)
    {
        if (started.Value is not { } run)
        {
            await SessionEndpoint.WriteAsync(page.With(started.Problem), draft);
            return;
        }

        if (draft.Input is { } input) page.Inputs.Add(run.Id, input);
        page.Redirect($"{ApiPath.SessionPage(session)}#{run.Id}");
    }
}
