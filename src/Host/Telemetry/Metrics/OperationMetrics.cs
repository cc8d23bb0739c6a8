using System.Diagnostics;
using PluginHost.Engine.Observation;
using PluginHost.Telemetry.Spans;
using static PluginHost.Telemetry.TelemetryNames;

namespace PluginHost.Telemetry.Metrics;

/// <summary>The measurements that follow from one operation.</summary>
internal static class Measurements
{
    public static void Measure(
        this TelemetryInstruments instruments, in ObservedOperation operation, in ObservedEnd end, TimeSpan elapsed)
    {
        var shape = OperationShape.Of(operation.Kind);
        if (shape.IsSession && instruments.SessionOperationDuration.Enabled)
            instruments.SessionOperationDuration.Record(elapsed.TotalSeconds, SessionTags(shape, end));
        if (operation.Kind == HostOperation.PluginLoad && instruments.PluginLoadDuration.Enabled)
            instruments.PluginLoadDuration.Record(elapsed.TotalSeconds, LoadTags(operation, end));
        if (operation.Plugin is not { } plugin || shape.PluginKind is null) return;
        if (instruments.PluginCallDuration.Enabled)
            instruments.PluginCallDuration.Record((end.OwnTime ?? elapsed).TotalSeconds, CallTags(plugin.SourceId, shape, end));
        if (end.Messages is { } messages && shape.PluginKind == "history" && instruments.HistoryMessages.Enabled)
            instruments.HistoryMessages.Record(messages, HistoryTags(plugin.SourceId, shape));
    }

    private static TagList SessionTags(OperationShape shape, in ObservedEnd end)
    {
        var tags = new TagList { { Attributes.Operation, shape.Operation } };
        return WithError(tags, end);
    }

    private static TagList LoadTags(in ObservedOperation operation, in ObservedEnd end)
    {
        var tags = new TagList { { Attributes.PluginName, operation.PluginName ?? operation.Plugin?.SourceId } };
        return WithError(tags, end);
    }

    private static TagList CallTags(string plugin, OperationShape shape, in ObservedEnd end)
    {
        var tags = new TagList
        {
            { Attributes.PluginName, plugin }, { Attributes.PluginKind, shape.PluginKind }, { Attributes.Operation, shape.Operation },
        };
        return WithError(tags, end);
    }

    private static TagList HistoryTags(string plugin, OperationShape shape) =>
        new() { { Attributes.PluginName, plugin }, { Attributes.Operation, shape.Operation } };

    private static TagList WithError(TagList tags, in ObservedEnd end)
    {
        if (end.ErrorType is not null) tags.Add(Attributes.ErrorType, end.ErrorType);
        return tags;
    }
}
