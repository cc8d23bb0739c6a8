using PluginHost.Http.Access;
using PluginHost.WebConsole.Pages;

namespace PluginHost.Hosting;

/// <summary>Logs browsers in by API keys.</summary>
internal sealed class ConsoleLogin(ApiKeys keys, ConsoleSessions sessions) : IConsoleLogin
{
    public bool IsNeeded => keys.AreRequired;

    public string? Find(HttpContext context) => keys.AreRequired ? ConsoleCookie.Read(context) : null;

    public bool TryLogIn(HttpContext context, string key)
    {
        ConsoleCookie.CheckOrigin(context);
        if (sessions.Create(key) is not { } id) return false;
        ConsoleCookie.Write(context, id);
        return true;
    }

    public void LogOut(HttpContext context)
    {
        ConsoleCookie.CheckOrigin(context);
        if (Find(context) is { } id) sessions.Remove(id);
        ConsoleCookie.Delete(context);
    }
}
