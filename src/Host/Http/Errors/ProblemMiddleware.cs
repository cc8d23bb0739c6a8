using System.Globalization;
using PluginHost.Engine.Errors;
using PluginHost.Http.Binding;
using PluginHost.Native;

namespace PluginHost.Http.Errors;

/// <summary>
/// Turns everything that goes wrong in a request into a problem document: refusals, statuses that routing sets without a body,
/// and exceptions nobody expected. One line of log each, without the request's content. Paths with an <see cref="IErrorShape"/>
/// get it in that.
/// </summary>
internal sealed class ProblemMiddleware(RequestDelegate next, IEnumerable<IErrorShape> shapes, ILogger<ProblemMiddleware> logger)
{
    private readonly IErrorShape[] _shapes = [.. shapes];

    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
            if (HasNoBody(context.Response)) await WriteAsync(context, ForStatus(context));
        }
        catch (ProblemException problem)
        {
            if (problem.RetryAfterSeconds is { } seconds)
                context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
            await WriteAsync(context, ProblemBody.From(problem));
        }
        catch (BadHttpRequestException refused)
        {
            await WriteAsync(context, ForRefusal(refused));
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            Log.CallerLeft(logger, context.Request.Method, RouteOf(context));
        }
        catch (Exception exception)
        {
            Log.Unexpected(logger, context.Request.Method, RouteOf(context), context.TraceId(), LoggableError.Of(exception));
            var problem = ProblemBody.Create(500, "internal-error", "The host failed; its log has the cause under this trace id.");
            await WriteOrAbortAsync(context, problem with { TraceId = context.TraceId() });
        }
    }

    private static bool HasNoBody(HttpResponse response) =>
        response is { HasStarted: false, StatusCode: >= 400, ContentType: null, ContentLength: null };

    private static ProblemBody ForStatus(HttpContext context) => context.Response.StatusCode switch
    {
        404 => ProblemBody.Create(404, "not-found", $"There is nothing at {context.Request.Path}. The calls are in /openapi/v1.json."),
        405 => ProblemBody.Create(
            405,
            "method-not-allowed",
            $"{context.Request.Path} does not take {context.Request.Method}; it takes {context.Response.Headers.Allow}."),
        415 => ProblemBody.From(JsonBody.UnsupportedMediaType()),
        var status => ProblemBody.Create(status, "request-refused", "The request was refused."),
    };

    private static ProblemBody ForRefusal(BadHttpRequestException refused) => refused.StatusCode switch
    {
        413 => ProblemBody.From(JsonBody.TooLarge()),
        408 => ProblemBody.Create(408, "request-timeout", "The body came too slowly."),
        var status => ProblemBody.Create(status, "bad-request", refused.Message),
    };

    private Task WriteAsync(HttpContext context, ProblemBody problem)
    {
        // Whoever asks for too much must not fill the log as well; the metrics of requests count them by status.
        if (problem.Status == StatusCodes.Status429TooManyRequests || problem.Type == "/problems/overloaded")
            Log.NotNow(logger, context.Request.Method, RouteOf(context), problem.Status, problem.Type);
        else Log.Refused(logger, context.Request.Method, RouteOf(context), problem.Status, problem.Type);
        return WriteOrAbortAsync(context, problem);
    }

    private async Task WriteOrAbortAsync(HttpContext context, ProblemBody problem)
    {
        // Half an answer must not look like a whole one.
        if (context.Response.HasStarted) context.Abort();
        else if (Array.Find(_shapes, s => s.Serves(context.Request.Path)) is { } shape) await shape.WriteAsync(context, problem);
        else await context.WriteProblemAsync(problem);
    }

    private static string RouteOf(HttpContext context) =>
        (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "(no route)";
}
