using PluginHost.Engine.Observation;

namespace PluginHost.Engine.Calls;

internal static partial class Log
{
    [LoggerMessage(120, LogLevel.Warning,
        "Plugin '{Plugin}' has blocked its thread in {Operation} for {Lasted}. From now on its calls begin on separate threads.")]
    public static partial void ThreadKept(ILogger logger, string plugin, HostOperation operation, TimeSpan lasted);

    // The only messages with the text of what a plugin threw: operators filter them by the plugin's category.
    [LoggerMessage(121, LogLevel.Warning, "Plugin '{Plugin}' failed in {Operation}. The same is not logged again for a minute.")]
    public static partial void PluginThrew(ILogger logger, string plugin, string operation, Exception exception);

    [LoggerMessage(124, LogLevel.Warning, "Plugin '{Plugin}' failed in {Operation} of run {Run}. The same is not logged again for a minute.")]
    public static partial void PluginThrewInRun(ILogger logger, string plugin, string operation, string run, Exception exception);

    [LoggerMessage(122, LogLevel.Warning,
        "Approve of '{Plugin}' names {Names}, which no tool of the plugin has in this run. Its tools: {Tools}. A misspelled name protects no call. The same is not logged again for a minute.")]
    public static partial void ApprovalWithoutTool(ILogger logger, string plugin, string names, string tools);

    [LoggerMessage(123, LogLevel.Warning,
        "A run leaves tools out because others have their names: {Tools}. Give their entry a Host:ToolPrefix. The same is not logged again for a minute.")]
    public static partial void ToolLeftOut(ILogger logger, string tools);
}
