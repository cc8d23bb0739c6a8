using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using PluginHost.WebConsole.Api;
using PluginHost.WebConsole.Forms;

namespace PluginHost.WebConsole.Pages;

/// <summary>Logs a browser in by a key, and out. Needs no key itself.</summary>
internal static class LoginEndpoint
{
    public const string Address = "/console/login";
    public const string LogOutAddress = "/console/logout";

    private const string Start = "/console";

    /// <summary>Bounds the forms, because everybody may send them.</summary>
    public static IRequestSizeLimitMetadata SizeLimit { get; } = new FormSize(16 * 1024);

    public static Task GetAsync(PageRequest page) => page.Login.IsNeeded ? WriteAsync(page, page.Query("back")) : RedirectAsync(page, Start);

    public static Task PostAsync(PageRequest page, IFormCollection form)
    {
        var back = form["back"].ToString();
        if (page.Login.TryLogIn(page.Context, form["key"].ToString().Trim())) return RedirectAsync(page, IsPage(back) ? back : Start);
        var problem = new ApiProblem("", "The key is not known", StatusCodes.Status401Unauthorized)
        {
            Detail = "Keys are in Server:Keys or in the key file of the configuration. A token of another service cannot log in here.",
        };
        return WriteAsync(page.With(problem), back);
    }

    public static Task LogOutAsync(PageRequest page, IFormCollection form)
    {
        page.Login.LogOut(page.Context);
        return RedirectAsync(page, Address);
    }

    private static Task WriteAsync(PageRequest page, string? back) => page.WriteAsync<LoginPage>((nameof(LoginPage.Back), back));

    private static Task RedirectAsync(PageRequest page, string address)
    {
        page.Redirect(address);
        return Task.CompletedTask;
    }

    /// <summary>The address comes from a link, which must not lead to another site.</summary>
    private static bool IsPage(string address) =>
        (address == Start || address.StartsWith($"{Start}/", StringComparison.Ordinal) || address.StartsWith($"{Start}?", StringComparison.Ordinal))
        && Uri.IsWellFormedUriString(address, UriKind.Relative);
}
