using System.Globalization;
using PluginHost.Http;
using PluginHost.Http.Access;
using PluginHost.Http.Errors;
using PluginHost.WebConsole.Pages;

namespace PluginHost.Hosting;

/// <summary>Logs browsers in by API keys.</summary>
internal sealed class ConsoleLogin(ApiKeys keys, ConsoleSessions sessions, LogInTries tries, RefusalLines lines, ILogger<ConsoleLogin> logger) : IConsoleLogin
{
    public bool IsNeeded => keys.AreRequired;

    public string? Find(HttpContext context) => keys.AreRequired ? ConsoleCookie.Read(context) : null;

    public bool MustLogIn(HttpContext context) => keys.AreRequired && context.Features.Get<Caller>() is null;

    public string ClientOf(HttpContext context) => LogInTries.ClientOf(context.Connection.RemoteIpAddress);

    public LogInAnswer LogIn(HttpContext context, string key)
    {
        ConsoleCookie.CheckOrigin(context);
        if (tries.Count(context) is { } seconds)
        {
            context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
            Http.Log.RefusedForNow(logger, context.Request.Method, context.RouteText(), StatusCodes.Status429TooManyRequests, HttpProblemTypes.RateLimited.Slug);
            return new LogInAnswer(null, IsTooOften: true);
        }

        if (sessions.Create(key) is not { } id)
        {
            if (lines.MayWrite()) Http.Log.Refused(logger, context.Request.Method, context.RouteText(), StatusCodes.Status401Unauthorized, HttpProblemTypes.Unauthorized.Slug);
            return default;
        }

        ConsoleCookie.Write(context, id);
        return new LogInAnswer(id);
    }

    public void LogOut(HttpContext context)
    {
        ConsoleCookie.CheckOrigin(context);
        if (Find(context) is { } id) sessions.Remove(id);
        ConsoleCookie.Delete(context);
    }
}
