using PluginHost.Engine.Errors;
using PluginHost.Engine.Sessions.Hosts;
using PluginHost.Http.Access;
using PluginHost.Sdk;

namespace PluginHost.Http.Cluster;

/// <summary>
/// Passes requests for sessions of other hosts on to them. The engine finds out when it comes to the session, so the request has been checked by then, and
/// nothing was changed. When the other host is lost, this one tries again until it has the session itself.
/// </summary>
internal sealed class ForwardingMiddleware(RequestDelegate next, HostMembership hosts, RequestForwarder forwarder, TimeProvider time)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>Longer than a lease, at whose end the session of a lost host is free.</summary>
    private static readonly TimeSpan Patience = HostLease.Duration + TimeSpan.FromSeconds(4);

    public Task InvokeAsync(HttpContext context)
    {
        if (!hosts.IsShared || context.Features.Get<Caller>() is null) return next(context);
        return ClusterKey.IsForwarded(context.Request) ? AnswerAsync(context) : TryAsync(context);
    }

    private async Task TryAsync(HttpContext context)
    {
        context.Features.Set(new ForwardableBody());
        var began = time.GetTimestamp();
        while (true)
        {
            SessionElsewhereException elsewhere;
            try
            {
                await next(context);
                return;
            }
            catch (SessionElsewhereException e) when (!context.Response.HasStarted && !context.WebSockets.IsWebSocketRequest)
            {
                elsewhere = e;
            }

            if (elsewhere.Host.Address is null) throw elsewhere;
            if (await forwarder.TryForwardAsync(context, elsewhere.Host)) return;
            if (time.GetElapsedTime(began) > Patience) throw elsewhere;
            await Task.Delay(Pause, time, context.RequestAborted);
            context.Response.Clear();
        }
    }

    /// <summary>The other host learns that it may try again. A request is passed on once only, so that none circles.</summary>
    private async Task AnswerAsync(HttpContext context)
    {
        try
        {
            await next(context);
        }
        catch (ProblemException e) when (!context.Response.HasStarted && (e is SessionElsewhereException || e.Type == ProblemTypes.ShuttingDown))
        {
            context.Response.Headers[ClusterKey.MovedHeader] = "true";
            throw;
        }
    }
}
