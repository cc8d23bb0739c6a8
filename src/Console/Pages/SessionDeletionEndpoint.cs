using Microsoft.AspNetCore.Http;
using PluginHost.WebConsole.Api;

namespace PluginHost.WebConsole.Pages;

/// <summary>Asks before a session is deleted, and shows what each plugin removed.</summary>
internal static class SessionDeletionEndpoint
{
    public static async Task GetAsync(PageRequest page)
    {
        var session = (await page.Api.GetAsync(ApiPath.Session(page.Route("id")), ApiJson.Default.ApiSession)).Required;
        await page.WriteAsync<SessionDeletionPage>((nameof(SessionDeletionPage.Id), session.Id));
    }

    /// <summary>The receipt is the answer itself: the session of which it speaks is gone.</summary>
    public static async Task PostAsync(PageRequest page, IFormCollection form)
    {
        var id = page.Route("id");
        var deleted = await page.Api.SendAsync(HttpMethod.Delete, ApiPath.Session(id), null, ApiJson.Default.ApiDeletion);
        await page.With(deleted.Problem).WriteAsync<SessionDeletionPage>((nameof(SessionDeletionPage.Id), id), (nameof(SessionDeletionPage.Receipt), deleted.Value));
    }
}
