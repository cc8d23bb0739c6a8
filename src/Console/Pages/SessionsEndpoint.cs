using Microsoft.AspNetCore.Http;
using PluginHost.WebConsole.Api;

namespace PluginHost.WebConsole.Pages;

/// <summary>Lists sessions, and imports one.</summary>
internal static class SessionsEndpoint
{
    private const int Limit = 50;

    public static async Task GetAsync(PageRequest page)
    {
        var after = page.Query("after");
        var filter = SessionFilter.From(page);
        var found = filter.LacksValue
            ? new(null, Refusal("The value is missing", "Sessions are found by a key of their metadata and its value."))
            : await page.Api.GetAsync(filter.ToApiPath(after, Limit), ApiJson.Default.ApiListApiSession);
        await page.With(page.Problem ?? found.Problem).WriteAsync<SessionsPage>(
            (nameof(SessionsPage.Filter), filter), (nameof(SessionsPage.Sessions), found.Value), (nameof(SessionsPage.IsFirst), after is null),
            (nameof(SessionsPage.FirstRun), filter.IsEmpty && found.Value is { Data.Count: 0 } ? await FirstRun.WriteAsync(page) : null));
    }

    public static async Task ImportAsync(PageRequest page, IFormCollection form)
    {
        var imported = await ImportAsync(page, form.Files["snapshot"]);
        if (imported.Value is { } session) page.Redirect(ApiPath.SessionPage(session.Id));
        else await GetAsync(page.With(imported.Problem));
    }

    private static async Task<ApiAnswer<ApiSession>> ImportAsync(PageRequest page, IFormFile? file)
    {
        if (file is null or { Length: 0 }) return new(null, Refusal("The file is no export of a session", "Choose a file that was exported."));
        await using var content = file.OpenReadStream();
        return await page.Api.PostDocumentAsync("/v1/sessions/import", content, ApiJson.Default.ApiSession);
    }

    private static ApiProblem Refusal(string title, string detail) => new("", title, StatusCodes.Status400BadRequest) { Detail = detail };
}
