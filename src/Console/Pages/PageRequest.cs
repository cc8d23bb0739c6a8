using System.Text;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using PluginHost.WebConsole.Api;
using PluginHost.WebConsole.Forms;
using PluginHost.WebConsole.Views;

namespace PluginHost.WebConsole.Pages;

/// <summary>One request for a page: its parameters, the API with its rights, and the page that it writes.</summary>
internal sealed class PageRequest(HttpContext context, ConsoleServices services)
{
    public const string SecurityPolicy = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'";

    // Forms whose page has the same address.
    private static readonly string[] OwnForms = ["/console/new", LoginEndpoint.Address];

    /// <summary>Shown at the top of the page.</summary>
    public ApiProblem? Problem { get; init; }

    public string? Notice { get; init; }

    public HttpContext Context => context;

    public SentInputs Inputs => services.Inputs;

    public IConsoleLogin Login => services.Login;

    /// <inheritdoc cref="IConsoleLogin.Find"/>
    public string? LogIn { get; private init; } = services.Login.Find(context);

    public ConsoleApi Api { get; } = new(services.Http, context);

    public string Route(string name) => (string)context.Request.RouteValues[name]!;

    /// <summary>A parameter of the query; null when it is missing or empty.</summary>
    public string? Query(string name) => context.Request.Query[name].ToString() is { Length: > 0 } value ? value : null;

    /// <summary>The same request, with something to say at the top of the page.</summary>
    public PageRequest With(ApiProblem? problem, string? notice = null) => new(context, services) { Problem = problem, Notice = notice };

    /// <summary>The same request, whose sender has logged in with it.</summary>
    public PageRequest LoggedIn(string logIn) => new(context, services) { LogIn = logIn };

    public PageView View => new(services.Time.GetUtcNow(), Address, services.Tokens.Create(LogIn), services.Version)
    {
        Problem = Problem,
        Notice = Notice,
        IsOfForm = HttpMethods.IsPost(context.Request.Method),
        IsLoggedIn = LogIn is not null,
    };

    /// <summary>Where the page can be read again.</summary>
    private string Address
    {
        get
        {
            var path = context.Request.Path.ToUriComponent();
            if (!HttpMethods.IsPost(context.Request.Method)) return path + context.Request.QueryString.ToUriComponent();
            return OwnForms.Contains(path) ? path : PageOfForm;
        }
    }

    /// <summary>The page of the form that is sent here. The address of a form has one segment more, and two with the id of an approval.</summary>
    public string PageOfForm
    {
        get
        {
            var path = context.Request.Path.ToUriComponent();
            path = path[..path.LastIndexOf('/')];
            return context.Request.RouteValues.ContainsKey("approval") ? path[..path.LastIndexOf('/')] : path;
        }
    }

    public void Redirect(string address)
    {
        // The answer to a form is read with GET.
        context.Response.StatusCode = StatusCodes.Status303SeeOther;
        context.Response.Headers.Location = address;
    }

    /// <summary>Renders a component as the answer.</summary>
    public async Task WriteAsync<TPage>(params (string Name, object? Value)[] parameters)
        where TPage : IComponent
    {
        var given = parameters.Append((Name: "View", Value: View)).ToDictionary(p => p.Name, p => p.Value);
        await using var renderer = new HtmlRenderer(context.RequestServices, context.RequestServices.GetRequiredService<ILoggerFactory>());
        var html = await renderer.Dispatcher.InvokeAsync(async () =>
            (await renderer.RenderComponentAsync<TPage>(ParameterView.FromDictionary(given))).ToHtmlString());
        var response = context.Response;
        response.StatusCode = Problem is { Status: >= 400 and < 600 } problem ? problem.Status : StatusCodes.Status200OK;
        response.ContentType = "text/html; charset=utf-8";
        SetHeaders(response.Headers);
        await response.WriteAsync(html, Encoding.UTF8, context.RequestAborted);
    }

    private static void SetHeaders(IHeaderDictionary headers)
    {
        headers.ContentSecurityPolicy = SecurityPolicy;
        headers.CacheControl = "no-store";
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "same-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
    }
}
