using PluginHost.Engine.Errors;

namespace PluginHost.Http.Errors;

/// <summary>The HTTP status of a run that failed before its caller got anything of it.</summary>
internal static class FailedRun
{
    public static int StatusOf(string errorType) => errorType switch
    {
        ErrorTypes.RunTimeout or ErrorTypes.PluginTimeout or "model_timeout" => StatusCodes.Status504GatewayTimeout,
        ErrorTypes.QueueTimeout or ErrorTypes.Storage => StatusCodes.Status503ServiceUnavailable,
        // Every kind of failure of a model's server has a type of its own that begins like this.
        _ when errorType.StartsWith("model_", StringComparison.Ordinal) => StatusCodes.Status502BadGateway,
        _ => StatusCodes.Status500InternalServerError,
    };
}
