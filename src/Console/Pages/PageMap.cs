using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PluginHost.WebConsole.Api;
using PluginHost.WebConsole.Forms;

namespace PluginHost.WebConsole.Pages;

/// <summary>Maps pages and their forms, with what holds for all of them: refusals become pages, and forms have a token.</summary>
internal sealed class PageMap(IEndpointRouteBuilder routes, Lazy<ConsoleServices> services)
{
    public IEndpointConventionBuilder Get(string pattern, Func<PageRequest, Task> handle) => Map(pattern, "GET", handle);

    /// <param name="pattern">The address.</param>
    /// <param name="handle">Gets the fields of the form.</param>
    public IEndpointConventionBuilder Post(string pattern, Func<PageRequest, IFormCollection, Task> handle) => Map(pattern, "POST", async page =>
    {
        var context = page.Context;
        if (!context.Request.HasFormContentType) throw new ApiException(new("", "This address takes a form", StatusCodes.Status415UnsupportedMediaType));
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        if (!services.Value.Tokens.IsValid(page.LogIn, form[FormTokens.Field]))
            throw new ApiException(new("", "This form is too old", StatusCodes.Status400BadRequest) { Detail = "The host was started again, or you logged in again, after the page was opened. Nothing was changed. Go back, load the page again, and repeat." });
        await handle(page, form);
    });

    private IEndpointConventionBuilder Map(string pattern, string method, Func<PageRequest, Task> handle) =>
        routes.MapMethods(pattern, [method], context => HandleAsync(new PageRequest(context, services.Value), handle)).ExcludeFromDescription();

    private static async Task HandleAsync(PageRequest page, Func<PageRequest, Task> handle)
    {
        try
        {
            await handle(page);
        }
        catch (ApiException refused) when (refused.Problem.Status == StatusCodes.Status401Unauthorized && page.Login.IsNeeded)
        {
            // The log-in has ended since.
            page.Redirect(LoginEndpoint.Address);
        }
        catch (ApiException refused)
        {
            await page.With(refused.Problem).WriteAsync<ProblemPage>();
        }
    }
}
