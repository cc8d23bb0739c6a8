using Microsoft.AspNetCore.Http;
using PluginHost.WebConsole.Api;

namespace PluginHost.WebConsole.Pages;

/// <summary>Logs a browser in by a key, and out. Needs no key itself.</summary>
internal static class LoginEndpoint
{
    public const string Address = "/console/login";
    public const string LogOutAddress = "/console/logout";

    private const string Start = "/console";

    public static Task GetAsync(PageRequest page) => page.Login.IsNeeded ? WriteAsync(page, page.Query("back"), null) : RedirectAsync(page, Start);

    public static Task PostAsync(PageRequest page, IFormCollection form)
    {
        var (back, kept) = (form["back"].ToString(), KeptForm.Find(form));
        var answer = page.Login.LogIn(page.Context, form["key"].ToString().Trim());
        if (answer.LogIn is null) return WriteAsync(page.With(answer.IsTooOften ? TooOften() : Unknown()), back, kept);
        var next = IsPage(back) ? back : Start;
        return kept is null
            ? RedirectAsync(page, next)
            : page.LoggedIn(answer.LogIn).WriteAsync<ResendPage>((nameof(ResendPage.Form), kept), (nameof(ResendPage.Back), next));
    }

    /// <summary>Asks a sender whose log-in has ended for a key.</summary>
    /// <param name="page">The request.</param>
    /// <param name="form">What was sent; null when it is too large, or was not read.</param>
    public static Task AskAsync(PageRequest page, IFormCollection? form)
    {
        var kept = form is null ? null : KeptForm.From(page.Context.Request.Path.ToUriComponent(), form);
        var ended = new ApiProblem("", "Your log-in has ended", StatusCodes.Status401Unauthorized)
        {
            Detail = kept is null
                ? "Nothing was changed. What you sent has a file or is too large to be kept here: log in, and send it again."
                : "Nothing was changed. What you wrote is kept: log in, and you can send it.",
        };
        return WriteAsync(page.With(ended), page.View.Address, kept);
    }

    public static Task LogOutAsync(PageRequest page, IFormCollection form)
    {
        page.Login.LogOut(page.Context);
        return RedirectAsync(page, Address);
    }

    /// <summary>Addresses come from links and forms, which must not lead to another site.</summary>
    public static bool IsPage(string address) =>
        (address == Start || address.StartsWith($"{Start}/", StringComparison.Ordinal) || address.StartsWith($"{Start}?", StringComparison.Ordinal))
        && Uri.IsWellFormedUriString(address, UriKind.Relative);

    private static ApiProblem Unknown() => new("", "The key is not known", StatusCodes.Status401Unauthorized)
    {
        Detail = "Server:ApiKeys of the configuration names where keys are, and Server:KeyFile a file of them. A token of another service cannot log in here.",
    };

    private static ApiProblem TooOften() => new("", "Too many tries", StatusCodes.Status429TooManyRequests)
    {
        Detail = "The key was not looked up, because too many log-ins came from your address. Try again in a few seconds.",
    };

    private static Task WriteAsync(PageRequest page, string? back, KeptForm? kept) =>
        page.WriteAsync<LoginPage>((nameof(LoginPage.Back), back), (nameof(LoginPage.Kept), kept));

    private static Task RedirectAsync(PageRequest page, string address)
    {
        page.Redirect(address);
        return Task.CompletedTask;
    }
}
