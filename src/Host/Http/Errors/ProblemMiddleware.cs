using Microsoft.AspNetCore.Connections;
using PluginHost.Engine.Errors;
using PluginHost.Http.Access;
using PluginHost.Http.Binding;

namespace PluginHost.Http.Errors;

/// <summary>
/// Turns refusals, statuses that routing sets without a body, and unexpected exceptions into problems. Logs one line for each,
/// without the request's content.
/// </summary>
internal sealed class ProblemMiddleware(RequestDelegate next, RefusalLines lines, ILogger<ProblemMiddleware> logger)
{
    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
            if (HasNoBody(context.Response)) await RefuseAsync(context, FromStatus(context), context.Response.StatusCode);
        }
        catch (ProblemException refused)
        {
            await RefuseAsync(context, refused.Problem);
        }
        catch (BadHttpRequestException refused)
        {
            await RefuseAsync(context, FromServer(refused), refused.StatusCode);
        }
        catch (Exception lost) when (lost is ConnectionResetException || (lost is OperationCanceledException && context.RequestAborted.IsCancellationRequested))
        {
            Log.ConnectionLost(logger, context.Request.Method, context.RouteText());
        }
        catch (Exception exception)
        {
            Log.Unexpected(logger, context.Request.Method, context.RouteText(), context.TraceId(), LoggableError.From(exception));
            await WriteAsync(context, new Problem(ProblemTypes.InternalError, "The host failed; its log has the cause under this trace id."));
        }
    }

    private static bool HasNoBody(HttpResponse response) =>
        response is { HasStarted: false, StatusCode: >= 400, ContentType: null, ContentLength: null };

    private static Problem FromStatus(HttpContext context) => context.Response.StatusCode switch
    {
        404 => new(HttpProblemTypes.NotFound, $"There is nothing at {context.Request.Path}. The calls are in /openapi/v1.json."),
        405 => new(
            HttpProblemTypes.MethodNotAllowed,
            $"{context.Request.Path} does not take {context.Request.Method}; it takes {context.Response.Headers.Allow}."),
        415 => JsonBody.UnsupportedMediaType().Problem,
        _ => new(HttpProblemTypes.RequestRefused, "The request was refused."),
    };

    private static Problem FromServer(BadHttpRequestException refused) => refused.StatusCode switch
    {
        413 => JsonBody.TooLarge().Problem,
        408 => new(HttpProblemTypes.RequestTimeout, "The body came too slowly."),
        _ => new(HttpProblemTypes.BadRequest, refused.Message),
    };

    private async Task RefuseAsync(HttpContext context, Problem problem, int? status = null)
    {
        await WriteAsync(context, problem, status);
        var (method, route, sent) = (context.Request.Method, context.RouteText(), context.Response.StatusCode);
        // Requests beyond a limit must not fill the log as well; the metrics of requests count refusals by status.
        if (sent == StatusCodes.Status429TooManyRequests || problem.Type == HttpProblemTypes.Overloaded)
            Log.RefusedForNow(logger, method, route, sent, problem.Type.Slug);
        else if (context.Features.Get<Caller>() is not null || lines.MayWrite()) Log.Refused(logger, method, route, sent, problem.Type.Slug);
    }

    private static async Task WriteAsync(HttpContext context, Problem problem, int? status = null)
    {
        // Half an answer must not look like a whole one.
        if (context.Response.HasStarted) context.Abort();
        else await context.WriteProblemAsync(problem, status);
    }
}
