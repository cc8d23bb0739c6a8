using System.Diagnostics;
using OpenTelemetry;
using OpenTelemetry.Logs;
using PluginHost.Telemetry.Spans;
using static PluginHost.Telemetry.TelemetryNames;

namespace PluginHost.Telemetry.Logs;

/// <summary>Adds session and agent to log records inside a run. The OpenTelemetry SDK adds trace and span ids.</summary>
internal sealed class RunLogProcessor : BaseProcessor<LogRecord>
{
    public override void OnEnd(LogRecord data)
    {
        if (RunIdentityProcessor.Find(Activity.Current) is not { } owner) return;
        data.Attributes =
        [
            .. data.Attributes ?? [],
            new(Attributes.ConversationId, owner.GetTagItem(Attributes.ConversationId)),
            new(Attributes.AgentName, owner.GetTagItem(Attributes.AgentName)),
        ];
    }
}
