using Microsoft.AspNetCore.Http;

namespace PluginHost.WebConsole.Pages;

/// <summary>Logs browsers in and out, for a host whose callers need a key. Thread-safe.</summary>
public interface IConsoleLogin
{
    /// <summary>Whether callers need a key.</summary>
    bool IsNeeded { get; }

    /// <summary>The log-in that the sender claims to have; null for none. The API decides whether it is still valid.</summary>
    string? Find(HttpContext context);

    /// <summary>Whether the sender has to log in first: it has no key, and no log-in that is still valid.</summary>
    bool MustLogIn(HttpContext context);

    /// <summary>Which client the sender is, where one client must not take what others need: its address, of IPv6 its network.</summary>
    string ClientOf(HttpContext context);

    /// <summary>Logs the sender in.</summary>
    /// <param name="context">The sender.</param>
    /// <param name="key">An API key.</param>
    LogInAnswer LogIn(HttpContext context, string key);

    void LogOut(HttpContext context);
}

/// <summary>The result of a try to log in.</summary>
/// <param name="LogIn">The log-in; null when there is none.</param>
/// <param name="IsTooOften">Whether the sender tries too often, so that the key was not looked up.</param>
public readonly record struct LogInAnswer(string? LogIn, bool IsTooOften = false);
