using PluginHost.Engine.Errors;
using PluginHost.Engine.Observation;
using PluginHost.Http.Access;
using PluginHost.Http.Binding;
using PluginHost.Sdk;

namespace PluginHost.Http;

/// <summary>Reads requests without a body, and what belongs to every request.</summary>
internal static class Requests
{
    /// <summary>A service of the host. They are all singletons.</summary>
    public static T Service<T>(this HttpContext context)
        where T : notnull =>
        ServicesOf(context).GetRequiredService<T>();

    /// <summary>Finds the request in traces and in the host's log.</summary>
    public static string TraceId(this HttpContext context) =>
        ServicesOf(context).GetService<HostObserver>()?.TraceId ?? context.TraceIdentifier;

    /// <exception cref="ProblemException">400: a wrong id, or a query that the endpoint does not take.</exception>
    public static SessionKey ReadSessionKey(this HttpContext context)
    {
        var errors = new InputErrors();
        QueryBinder.Bind<NoQuery>(context, errors);
        var key = Tenancy.SessionOf(context, errors);
        errors.ThrowIfAny();
        return key;
    }

    /// <exception cref="ProblemException">400: as above.</exception>
    public static (SessionKey Session, string Run) ReadRunKey(this HttpContext context)
    {
        var errors = new InputErrors();
        QueryBinder.Bind<NoQuery>(context, errors);
        var key = Tenancy.SessionOf(context, errors);
        var run = Tenancy.RunOf(context, errors);
        errors.ThrowIfAny();
        return (key, run);
    }

    /// <exception cref="ProblemException">400: a query that the endpoint does not take.</exception>
    public static void ReadNothing(this HttpContext context)
    {
        var errors = new InputErrors();
        QueryBinder.Bind<NoQuery>(context, errors);
        errors.ThrowIfAny();
    }

    /// <summary>The root of the services: the scope of a request, which no service of the host needs, would be made at the first access to it.</summary>
    private static IServiceProvider ServicesOf(HttpContext context) =>
        context is DefaultHttpContext { ServiceScopeFactory: IServiceProvider root } ? root : context.RequestServices;
}
