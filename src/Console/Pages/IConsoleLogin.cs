using Microsoft.AspNetCore.Http;

namespace PluginHost.WebConsole.Pages;

/// <summary>Logs browsers in and out, for a host whose callers need a key. Thread-safe.</summary>
public interface IConsoleLogin
{
    /// <summary>Whether callers need a key.</summary>
    bool IsNeeded { get; }

    /// <summary>The log-in that the sender claims to have; null for none. The API decides whether it is still valid.</summary>
    string? Find(HttpContext context);

    /// <summary>Logs the sender in.</summary>
    /// <param name="context">The sender.</param>
    /// <param name="key">An API key.</param>
    /// <returns>False when the key is not known.</returns>
    bool TryLogIn(HttpContext context, string key);

    void LogOut(HttpContext context);
}
