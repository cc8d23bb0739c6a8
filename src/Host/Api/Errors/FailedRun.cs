namespace PluginHost.Api.Errors;

/// <summary>The HTTP status of a run that failed before its caller got anything of it.</summary>
internal static class FailedRun
{
    public static int StatusOf(string errorType) => errorType switch
    {
        "model_error" => StatusCodes.Status502BadGateway,
        "run_timeout" or "plugin_timeout" => StatusCodes.Status504GatewayTimeout,
        "queue_timeout" => StatusCodes.Status503ServiceUnavailable,
        _ => StatusCodes.Status500InternalServerError,
    };
}
