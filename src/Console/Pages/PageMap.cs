using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PluginHost.WebConsole.Api;
using PluginHost.WebConsole.Forms;

namespace PluginHost.WebConsole.Pages;

/// <summary>Maps pages and their forms, with what holds for all of them: refusals become pages, and forms have a token.</summary>
/// <param name="routes">The routes.</param>
/// <param name="services">What all pages share.</param>
/// <param name="isOpen">Whether the forms need no log-in.</param>
internal sealed class PageMap(IEndpointRouteBuilder routes, Lazy<ConsoleServices> services, bool isOpen = false)
{
    /// <summary>How many forms that need no log-in are read at once, so that slow senders do not take the connections of callers.</summary>
    private const int MaxOpenForms = 32;

    /// <summary>For all forms that say nothing else. Their bytes count for no share of a tenant.</summary>
    private static readonly FormSize Size = new(8 * 1024 * 1024);

    private int _openForms;

    public IEndpointConventionBuilder Get(string pattern, Func<PageRequest, Task> handle) => Map(pattern, "GET", handle);

    /// <param name="pattern">The address.</param>
    /// <param name="handle">Gets the fields of the form.</param>
    public IEndpointConventionBuilder Post(string pattern, Func<PageRequest, IFormCollection, Task> handle) => Map(pattern, "POST", async page =>
    {
        var form = isOpen ? await ReadOpenAsync(page.Context) : await ReadAsync(page.Context);
        if (!HasToken(page, form[FormTokens.Field]))
            throw new ApiException(new("", "This form is too old", StatusCodes.Status400BadRequest) { Detail = "The host was started again, or you logged in again, after the page was opened. Nothing was changed. Go back, load the page again, and repeat." });
        await handle(page, form);
    }).WithMetadata(Size);

    /// <summary>Browsers send the cookie with a form, but not with a link of another site that led to it. The log-in checks the origin itself.</summary>
    private bool HasToken(PageRequest page, string? token) =>
        services.Value.Tokens.IsValid(page.LogIn, token) || (isOpen && services.Value.Tokens.IsValid(null, token));

    private async Task<IFormCollection> ReadOpenAsync(HttpContext context)
    {
        try
        {
            if (Interlocked.Increment(ref _openForms) > MaxOpenForms)
                throw new ApiException(new("", "Too many browsers log in at once", StatusCodes.Status503ServiceUnavailable) { Detail = "Try again later." });
            return await ReadAsync(context);
        }
        finally
        {
            Interlocked.Decrement(ref _openForms);
        }
    }

    private static async Task<IFormCollection> ReadAsync(HttpContext context)
    {
        if (!context.Request.HasFormContentType) throw new ApiException(new("", "This address takes a form", StatusCodes.Status415UnsupportedMediaType));
        try
        {
            return await context.Request.ReadFormAsync(context.RequestAborted);
        }
        catch (BadHttpRequestException e)
        {
            throw new ApiException(new("", "The form cannot be read", e.StatusCode) { Detail = $"{e.Message} Nothing was changed." });
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            throw new ApiException(new("", "The form cannot be read", StatusCodes.Status400BadRequest) { Detail = $"{e.Message} Nothing was changed. Send large values to the API instead." });
        }
    }

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
        catch (JsonException e)
        {
            await page.With(new("", "A field of the form is not JSON", StatusCodes.Status400BadRequest) { Detail = e.Message }).WriteAsync<ProblemPage>();
        }
    }
}
