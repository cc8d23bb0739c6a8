
namespace PluginHost.Engine.Errors;

/// <summary>The low-cardinality types of what can go wrong in a run. Part of the HTTP API and of telemetry: do not rename.</summary>
internal static class ErrorTypes
{
    public const string Plugin = "plugin_error";
    public const string PluginTimeout = "plugin_timeout";
    public const string RunTimeout = "run_timeout";
    public const string RunRefused = "run_refused";
    public const string Storage = "storage";
    public const string Tool = "tool_error";
    public const string Cancelled = "cancelled";
    public const string QueueTimeout = "queue_timeout";
    public const string HostLost = "host_lost";
    public const string Internal = "internal_error";
}
