using System.Globalization;
using PluginHost.Engine.Errors;

namespace PluginHost.Http.Errors;

/// <summary>Writes problems as responses, in the shape of the interface that the path belongs to.</summary>
internal static class ProblemResponse
{
    /// <param name="context">The request; nothing of its response has been sent.</param>
    /// <param name="problem">The problem.</param>
    /// <param name="status">The status of a problem that has none in <see cref="ProblemStatuses"/>.</param>
    public static Task WriteProblemAsync(this HttpContext context, Problem problem, int? status = null)
    {
        if (problem.RetryAfterSeconds is { } seconds) context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        foreach (var shape in context.RequestServices.GetServices<IErrorShape>())
        {
            if (shape.Serves(context.Request.Path)) return shape.WriteAsync(context, problem, status);
        }

        var body = ProblemBody.From(problem, status);
        if (problem.Type == ProblemTypes.InternalError) body = body with { TraceId = context.TraceId() };
        return context.WriteAsync(body.Status, body, ProblemJson.Default.ProblemBody, ProblemBody.ContentType);
    }
}
