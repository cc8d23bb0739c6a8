using System.Diagnostics;
using PluginHost.Engine.Observation;
using PluginHost.Engine.Plugins.Catalog;
using static PluginHost.Telemetry.TelemetryNames;

namespace PluginHost.Telemetry.Metrics;

/// <summary>Records the metrics of an operation.</summary>
internal static class OperationMetrics
{
    public static void RecordOperation(
        this TelemetryInstruments instruments, in ObservedOperation operation, in ObservedEnd end, TimeSpan elapsed)
    {
        var kind = operation.Kind;
        KeyValuePair<string, object?> operationTag = new(Attributes.Operation, kind.Verb);
        if (kind.IsSession && instruments.SessionOperationDuration.Enabled)
            instruments.SessionOperationDuration.Record(elapsed.TotalSeconds, AddError([operationTag], end));
        if (kind == HostOperation.PluginLoad && instruments.PluginLoadDuration.Enabled)
            instruments.PluginLoadDuration.Record(elapsed.TotalSeconds, AddError([new(Attributes.PluginFolder, operation.Folder)], end));
        if (operation.Tool is { } tool && end is { IsReused: false, IsUnknown: false } && instruments.Models.ToolDuration.Enabled)
            instruments.Models.ToolDuration.Record(elapsed.TotalSeconds, AddError(GetToolTags(instruments.Models, operation, tool), end));
        if (operation.Plugin is not { } plugin || kind.PluginKind is null) return;
        KeyValuePair<string, object?> nameTag = new(Attributes.PluginName, plugin.SourceId);
        if (instruments.PluginCallDuration.Enabled && !end.IsCovered)
            instruments.PluginCallDuration.Record((end.OwnTime ?? elapsed).TotalSeconds, AddError([nameTag, new(Attributes.PluginKind, kind.PluginKind), operationTag], end));
        if (end.Messages is { } messages && kind.PluginKind == PluginKind.History.ObservedAs && instruments.HistoryMessages.Enabled)
            instruments.HistoryMessages.Record(messages, nameTag, operationTag);
    }

    private static TagList GetToolTags(ModelInstruments models, in ObservedOperation operation, ObservedTool tool)
    {
        var tags = new TagList { new(Attributes.OperationName, SpanNames.ExecuteTool), new(Attributes.ToolName, models.ToolNames.Clamp(tool.Name)) };
        if (operation.Run is { } run) tags.Add(Attributes.AgentName, run.Agent);
        if (operation.Plugin is { } plugin) tags.Add(Attributes.PluginName, plugin.SourceId);
        return tags;
    }

    private static TagList AddError(TagList tags, in ObservedEnd end)
    {
        if (end.ErrorType is not null) tags.Add(Attributes.ErrorType, end.ErrorType);
        return tags;
    }
}
