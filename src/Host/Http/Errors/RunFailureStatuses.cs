using PluginHost.Engine.Errors;

namespace PluginHost.Http.Errors;

/// <summary>The HTTP status for each type of error of a run that failed before its caller got anything of it.</summary>
internal static class RunFailureStatuses
{
    public static int Find(string errorType) => errorType switch
    {
        ErrorTypes.RunTimeout or ErrorTypes.PluginTimeout or "model_timeout" => StatusCodes.Status504GatewayTimeout,
        ErrorTypes.QueueTimeout or ErrorTypes.Storage => StatusCodes.Status503ServiceUnavailable,
        ErrorTypes.HostLost => StatusCodes.Status502BadGateway,
        // The types of a model server's failures begin with this.
        _ when errorType.StartsWith("model_", StringComparison.Ordinal) => StatusCodes.Status502BadGateway,
        _ => StatusCodes.Status500InternalServerError,
    };
}
