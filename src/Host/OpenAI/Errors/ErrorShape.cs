using PluginHost.Engine.Errors;
using PluginHost.Http;
using PluginHost.Http.Errors;
using PluginHost.OpenAI.Wire;

namespace PluginHost.OpenAI.Errors;

/// <summary>Writes problems at OpenAI's paths in the form that OpenAI's clients read.</summary>
internal sealed class ErrorShape : IErrorShape
{
    public bool Serves(PathString path) => OpenAIPaths.Contains(path);

    public Task WriteAsync(HttpContext context, Problem problem, int? status)
    {
        if (problem.Type == HttpProblemTypes.NotFound) problem = problem with { Detail = OpenAIPaths.DescribeMissing(context.Request.Path) };
        var error = MappedError.From(problem, status);
        if (problem.Type == ProblemTypes.ContextLengthExceeded && error.Error.Param is null) error = error with { Error = error.Error with { Param = OpenAIPaths.InputOf(context.Request.Path) } };
        return WriteAsync(context, error);
    }

    public static Task WriteAsync(HttpContext context, MappedError error)
    {
        context.Response.Headers[AnswerHeaders.RequestId] = context.TraceId();
        // Clients retry 409, 429 and 5xx unless this header forbids it.
        if (!error.IsRetryable || error.IsRetryRequested) context.Response.Headers["x-should-retry"] = error.IsRetryable ? "true" : "false";
        return context.WriteAsync(error.Status, new ErrorBody(error.Error), WireJson.Default.ErrorBody);
    }
}
