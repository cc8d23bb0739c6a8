using System.Diagnostics;
using OpenTelemetry;
using OpenTelemetry.Logs;
using PluginHost.Engine.Errors;
using PluginHost.Telemetry.Export;
using PluginHost.Telemetry.Spans;
using static PluginHost.Telemetry.TelemetryNames;

namespace PluginHost.Telemetry.Logs;

/// <summary>Adds session and agent to log records inside a run. The OpenTelemetry SDK adds trace and span ids.</summary>
internal sealed class RunLogProcessor(QueueCounter queue) : BaseProcessor<LogRecord>
{
    public override void OnEnd(LogRecord data)
    {
        queue.Add();
        // Only standard output has the text of what plugins and libraries throw. It may hold what a user wrote, and is not exported.
        if (data.Exception is { } exception) Unwrap(data, exception as LoggableError ?? LoggableError.From(exception));
        if (RunIdentityProcessor.Find(Activity.Current) is not { } owner) return;
        data.Attributes =
        [
            .. data.Attributes ?? [],
            new(Attributes.ConversationId, owner.GetTagItem(Attributes.ConversationId)),
            new(Attributes.AgentName, owner.GetTagItem(Attributes.AgentName)),
        ];
    }

    /// <summary>The exporter would tell the type and the text of the wrapper.</summary>
    private static void Unwrap(LogRecord data, LoggableError error)
    {
        data.Exception = null;
        data.Attributes = [.. data.Attributes ?? [], new(Attributes.ExceptionType, error.Type), new(Attributes.ExceptionStackTrace, error.ToString())];
    }
}
