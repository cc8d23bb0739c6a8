using PluginHost.Anthropic.Wire;
using PluginHost.Engine.Errors;
using PluginHost.Http;
using PluginHost.Http.Errors;
using PluginHost.OpenAI.Errors;

namespace PluginHost.Anthropic.Errors;

/// <summary>Writes problems at Anthropic's paths in the form that Anthropic's clients read. Statuses are those of OpenAI's interface.</summary>
internal sealed class AnthropicErrorShape : IErrorShape
{
    /// <summary>By these words programs know a conversation that is too long, and make it shorter: the interface has no code for that.</summary>
    private const string TooLong = "prompt is too long";

    public bool Serves(PathString path) => path.StartsWithSegments("/v1/messages", StringComparison.Ordinal);

    public Task WriteAsync(HttpContext context, Problem problem, int? status)
    {
        var error = MappedError.From(problem, status);
        var id = context.TraceId();
        context.Response.Headers[AnthropicRoutes.RequestId] = id;
        // Clients retry 409, 429 and 5xx unless this header forbids it.
        if (!error.IsRetryable || error.IsRetryRequested) context.Response.Headers["x-should-retry"] = error.IsRetryable ? "true" : "false";
        return context.WriteAsync(error.Status, From(error) with { RequestId = id }, AnthropicJson.Default.ErrorMessage);
    }

    /// <summary>The error of a stream that has begun.</summary>
    public static ErrorMessage From(Problem problem) => From(MappedError.From(problem));

    private static ErrorMessage From(MappedError mapped) => new("error", new ErrorDetail(TypeOf(mapped.Status), MessageOf(mapped)));

    private static string MessageOf(MappedError mapped)
    {
        var message = mapped.Error.Message;
        return mapped.Error.Code == "context_length_exceeded" && !message.Contains(TooLong, StringComparison.OrdinalIgnoreCase) ? $"{TooLong}: {message}" : message;
    }

    private static string TypeOf(int status) => status switch
    {
        401 => "authentication_error",
        403 => "permission_error",
        404 => "not_found_error",
        413 => "request_too_large",
        429 => "rate_limit_error",
        503 => "overloaded_error",
        504 => "timeout_error",
        >= 500 => "api_error",
        _ => "invalid_request_error",
    };
}
