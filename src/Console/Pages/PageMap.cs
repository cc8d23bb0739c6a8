using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
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

    /// <summary>How many of them may be of one client, so that it leaves room for others.</summary>
    private const int MaxOpenFormsOfClient = 8;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _openForms = new(StringComparer.Ordinal);
    private int _allOpenForms;

    public IEndpointConventionBuilder Get(string pattern, Func<PageRequest, Task> handle) => Map(pattern, "GET", handle);

    /// <param name="pattern">The address.</param>
    /// <param name="handle">Gets the fields of the form.</param>
    /// <param name="size">How large the form may be; null for the default.</param>
    public IEndpointConventionBuilder Post(string pattern, Func<PageRequest, IFormCollection, Task> handle, FormSize? size = null)
    {
        size ??= isOpen ? FormSize.OfAll : FormSize.Default;
        return Map(pattern, "POST", page => PostAsync(page, handle, size)).WithMetadata(size);
    }

    /// <summary>Maps a form whose page has another address. A browser that opens the address of the form itself is led to that page.</summary>
    public void Form(string pattern, Func<PageRequest, IFormCollection, Task> handle)
    {
        Post(pattern, handle);
        Get(pattern, static page =>
        {
            page.Redirect(page.PageOfForm);
            return Task.CompletedTask;
        });
    }

    private async Task PostAsync(PageRequest page, Func<PageRequest, IFormCollection, Task> handle, FormSize size)
    {
        if (!isOpen && page.Login.MustLogIn(page.Context))
        {
            await LoginEndpoint.AskAsync(page, await TryReadOpenAsync(page));
            return;
        }

        var form = isOpen ? await ReadOpenAsync(page, size) : await ReadAsync(page.Context, size);
        if (!HasToken(page, form[FormTokens.Field]))
            throw new ApiException(new("", "This form is too old", StatusCodes.Status400BadRequest) { Detail = "The host was started again, or you logged in again, after the page was opened. Nothing was changed. Go back, load the page again, and repeat." });
        await handle(page, form);
    }

    /// <summary>Browsers send the cookie with a form, but not with a link of another site that led to it. The log-in checks the origin itself.</summary>
    private bool HasToken(PageRequest page, string? token) =>
        services.Value.Tokens.IsValid(page.LogIn, token) || (isOpen && services.Value.Tokens.IsValid(null, token));

    /// <summary>Reads what a sender without a log-in has sent. The log-in form has to be able to carry it.</summary>
    /// <returns>Null when it is too large.</returns>
    private async Task<IFormCollection?> TryReadOpenAsync(PageRequest page)
    {
        if (page.Context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit) limit.MaxRequestBodySize = FormSize.OfAll.MaxRequestBodySize / 2;
        try
        {
            return await ReadOpenAsync(page, FormSize.OfAll);
        }
        catch (ApiException)
        {
            return null;
        }
    }

    private async Task<IFormCollection> ReadOpenAsync(PageRequest page, FormSize size)
    {
        var client = page.Login.ClientOf(page.Context);
        if (!TryBegin(client))
            throw new ApiException(new("", "Too many browsers log in at once", StatusCodes.Status503ServiceUnavailable) { Detail = "Try again later." });
        try
        {
            return await ReadAsync(page.Context, size);
        }
        finally
        {
            End(client);
        }
    }

    private bool TryBegin(string client)
    {
        lock (_lock)
        {
            var count = _openForms.GetValueOrDefault(client);
            if (_allOpenForms >= MaxOpenForms || count >= MaxOpenFormsOfClient) return false;
            _allOpenForms++;
            _openForms[client] = count + 1;
            return true;
        }
    }

    private void End(string client)
    {
        lock (_lock)
        {
            _allOpenForms--;
            if (--_openForms[client] == 0) _openForms.Remove(client);
        }
    }

    private async Task<IFormCollection> ReadAsync(HttpContext context, FormSize size)
    {
        if (!context.Request.HasFormContentType) throw new ApiException(new("", "This address takes a form", StatusCodes.Status415UnsupportedMediaType));
        // A browser says how long a form is.
        var bytes = size.IsOnDisk ? 0 : context.Request.ContentLength ?? size.MaxRequestBodySize ?? 0;
        if (bytes <= size.MaxRequestBodySize && services.Value.Memory.TryHold(context, bytes) is { } full) throw new ApiException(full);
        try
        {
            return await context.Request.ReadFormAsync(size.Options, context.RequestAborted);
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
