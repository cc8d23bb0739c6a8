using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PluginHost.WebConsole.Assets;
using PluginHost.WebConsole.Forms;

namespace PluginHost.WebConsole.Pages;

/// <summary>
/// The addresses of the console. Handlers are plain request delegates and the framework's renderer is made for each page, so that a host
/// whose console is not opened pays for the routes alone.
/// </summary>
public static class ConsoleRoutes
{
    /// <summary>Where a browser without a log-in is led; it may have <c>?back=</c> with the address that it wanted.</summary>
    public const string LoginAddress = LoginEndpoint.Address;

    /// <summary>Maps the pages, and leads browsers that open the host's address to them.</summary>
    /// <param name="routes">The host's routes for callers with a key, or for all when none is needed.</param>
    /// <param name="open">The host's routes for everybody.</param>
    /// <param name="connect">Makes a client of the host's API. Called at the first page.</param>
    /// <param name="time">The clock.</param>
    /// <param name="version">The version of the host.</param>
    /// <param name="login">Logs browsers in.</param>
    /// <param name="memory">Counts what forms take of the memory for bodies.</param>
    public static void MapConsole(
        this IEndpointRouteBuilder routes, IEndpointRouteBuilder open, Func<HttpClient> connect, TimeProvider time, string version, IConsoleLogin login, IFormMemory memory)
    {
        var services = new Lazy<ConsoleServices>(() => new ConsoleServices(connect(), time, version, login, memory));
        MapPages(routes, new PageMap(routes, services));
        var openMap = new PageMap(open, services, isOpen: true);
        openMap.Get(LoginEndpoint.Address, LoginEndpoint.GetAsync);
        openMap.Post(LoginEndpoint.Address, LoginEndpoint.PostAsync);
        openMap.Post(LoginEndpoint.LogOutAddress, LoginEndpoint.LogOutAsync);
        Asset.Map(open);
    }

    private static void MapPages(IEndpointRouteBuilder routes, PageMap map)
    {
        routes.MapMethods("/", ["GET"], StartAsync).ExcludeFromDescription();
        map.Get("/console", NowEndpoint.GetAsync);
        map.Get("/console/runs", RunsEndpoint.GetAsync);
        map.Get("/console/new", NewEndpoint.GetAsync);
        map.Post("/console/new", NewEndpoint.PostAsync);
        map.Get("/console/sessions", SessionsEndpoint.GetAsync);
        map.Post("/console/sessions/import", SessionsEndpoint.ImportAsync, FormSize.OfFile);
        map.Get("/console/sessions/{id}", SessionEndpoint.GetAsync);
        map.Get("/console/sessions/{id}/messages/{message}", SessionEndpoint.GetMessageAsync);
        map.Form("/console/sessions/{id}/runs", RunStartEndpoint.PostAsync);
        map.Form("/console/sessions/{id}/results", RunStartEndpoint.PostResultsAsync);
        map.Form("/console/sessions/{id}/fork", SessionChangeEndpoint.ForkAsync);
        map.Form("/console/sessions/{id}/state", SessionChangeEndpoint.ChangeStateAsync);
        map.Form("/console/sessions/{id}/metadata", SessionChangeEndpoint.ChangeMetadataAsync);
        map.Get("/console/sessions/{id}/delete", SessionDeletionEndpoint.GetAsync);
        map.Post("/console/sessions/{id}/delete", SessionDeletionEndpoint.PostAsync);
        map.Get("/console/sessions/{id}/runs/{run}", RunEndpoint.GetAsync);
        map.Form("/console/sessions/{id}/runs/{run}/cancel", RunEndpoint.CancelAsync);
        map.Form("/console/sessions/{id}/approvals/{approval}", RunEndpoint.DecideAsync);
        map.Get("/console/traces/{run}", TraceEndpoint.GetAsync);
        map.Get("/console/agents", HostEndpoint.GetAgentsAsync);
        map.Get("/console/plugins", HostEndpoint.GetPluginsAsync);
        map.Get("/console/configuration", ConfigurationEndpoint.GetAsync);
        map.Form("/console/configuration/check", ConfigurationEndpoint.CheckAsync);
        map.Form("/console/configuration/reload", ConfigurationEndpoint.ReloadAsync);
    }

    private static Task StartAsync(HttpContext context)
    {
        if (context.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.Ordinal)) context.Response.Redirect("/console");
        else context.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }
}
