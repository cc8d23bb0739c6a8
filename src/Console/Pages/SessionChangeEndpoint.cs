using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using PluginHost.WebConsole.Api;
using PluginHost.WebConsole.Text;

namespace PluginHost.WebConsole.Pages;

/// <summary>Changes a session's state and metadata, and forks it.</summary>
internal static class SessionChangeEndpoint
{
    public static async Task ForkAsync(PageRequest page, IFormCollection form)
    {
        var body = new JsonObject();
        if (RunStartEndpoint.NullIfEmpty(form["id"]) is { } id) body["id"] = id.Trim();
        if (RunStartEndpoint.NullIfEmpty(form["run"]) is { } run) body["run"] = run;
        var forked = await page.Api.PostAsync($"{ApiPath.Session(page.Route("id"))}/fork", body, ApiJson.Default.ApiSession);
        if (forked.Value is { } session) page.Redirect(ApiPath.SessionPage(session.Id));
        else await SessionEndpoint.WriteAsync(page.With(forked.Problem), new Draft());
    }

    public static Task ChangeStateAsync(PageRequest page, IFormCollection form)
    {
        var text = form["state"].ToString();
        return ChangeAsync(page, form, new Draft { State = text, Version = form["version"] }, "state", now => ToPatch(now.State is { } s ? JsonObject.Create(s) : null, Parse(text)));
    }

    public static Task ChangeMetadataAsync(PageRequest page, IFormCollection form)
    {
        var text = form["metadata"].ToString();
        return ChangeAsync(page, form, new Draft { Metadata = text, Version = form["version"] }, "metadata", now =>
            ToPatch(MetadataText.ToJson(now.Metadata), MetadataText.Parse(text)));
    }

    private static async Task ChangeAsync(PageRequest page, IFormCollection form, Draft draft, string field, Func<ApiSession, JsonObject> patch)
    {
        var path = ApiPath.Session(page.Route("id"));
        var now = (await page.Api.GetAsync(path, ApiJson.Default.ApiSession)).Required;
        ApiAnswer<ApiSession> changed;
        try
        {
            changed = await page.Api.SendAsync(HttpMethod.Patch, path, new JsonObject { [field] = patch(now) }, ApiJson.Default.ApiSession, form["version"]);
        }
        catch (JsonException e)
        {
            changed = new(null, new ApiProblem("", $"The {field} cannot be read", StatusCodes.Status400BadRequest) { Detail = e.Message });
        }

        if (changed.Value is not null) page.Redirect(ApiPath.SessionPage(now.Id));
        else await SessionEndpoint.WriteAsync(page.With(changed.Problem), draft);
    }

    /// <summary>A merge patch that makes the one object of the other: members that are gone are null.</summary>
    private static JsonObject ToPatch(JsonObject? from, JsonObject to)
    {
        var patch = new JsonObject();
        foreach (var (name, value) in to)
        {
            var old = from?[name];
            if (JsonNode.DeepEquals(old, value)) continue;
            patch[name] = value is JsonObject inner ? ToPatch(old as JsonObject, inner) : value?.DeepClone();
        }

        foreach (var (name, _) in from ?? [])
        {
            if (!to.ContainsKey(name)) patch[name] = null;
        }

        return patch;
    }

    private static JsonObject Parse(string text) => JsonNode.Parse(text, documentOptions: ApiDepth.Documents with { AllowDuplicateProperties = false }) as JsonObject ?? throw new JsonException("Expected an object.");
}
