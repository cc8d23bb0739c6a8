namespace PluginHost.Api.Errors;

/// <summary>The HTTP status of a run that failed before its caller got anything of it.</summary>
internal static class FailedRun
{
    public static int StatusOf(string errorType) => errorType switch
    {
        "run_timeout" or "plugin_timeout" or "model_timeout" => StatusCodes.Status504GatewayTimeout,
        _ when errorType.StartsWith("model_", StringComparison.Ordinal) => StatusCodes.Status502BadGateway,
        "queue_timeout" => StatusCodes.Status503ServiceUnavailable,
        _ => StatusCodes.Status500InternalServerError,
    };
}
