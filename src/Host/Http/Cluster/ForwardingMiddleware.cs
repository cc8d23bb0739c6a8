using Microsoft.Extensions.Primitives;
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
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100), LongestPause = TimeSpan.FromMilliseconds(500);

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
        var headers = context.Response.Headers.ToList();
        long? failedAt = null;
        var pause = FirstPause;
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
            var result = await TryForwardAsync(context, elsewhere.Host, headers);
            if (result == ForwardResult.Answered) return;
            // The other host may have worked long before it was lost.
            if (time.GetElapsedTime(failedAt ??= time.GetTimestamp()) > Patience)
                throw result == ForwardResult.WrongHost ? elsewhere.ToWrongAddress() : elsewhere;
            await Task.Delay(pause, time, context.RequestAborted);
            // While a host is lost, many requests may wait.
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    /// <summary>When it fails, the response is again as it was before the endpoint, with the headers for pages of other origins.</summary>
    private async ValueTask<ForwardResult> TryForwardAsync(HttpContext context, HostDescription host, List<KeyValuePair<string, StringValues>> headers)
    {
        var result = ForwardResult.NotTaken;
        try
        {
            return result = await forwarder.TryForwardAsync(context, host);
        }
        finally
        {
            if (result != ForwardResult.Answered && !context.Response.HasStarted)
            {
                context.Response.Clear();
                foreach (var (name, value) in headers) context.Response.Headers[name] = value;
            }
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
            context.Response.Headers[ClusterKey.MovedHeader] = hosts.Id;
            throw;
        }
    }
}
