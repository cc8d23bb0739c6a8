using System.Collections.Concurrent;
using System.Diagnostics;
using PluginHost.Engine.Observation;
using static PluginHost.Telemetry.TelemetryNames;

namespace PluginHost.Telemetry.Spans;

/// <summary>The span of each operation: its name, and what is known of it when it starts and when it ends. Thread-safe.</summary>
internal static class OperationSpan
{
    private static readonly SpanName[] Names = [.. HostOperation.All.Select(o => new SpanName(o))];

    private static readonly ConcurrentDictionary<string, string> RunNames = new(StringComparer.Ordinal);

    /// <summary>Starts the span of a run.</summary>
    public static Activity? StartRun(this ActivitySource source, string agent)
    {
        var activity = source.StartActivity(SpanNames.OpenRun);
        if (activity is not null) activity.DisplayName = RunNames.GetOrAdd(agent, static a => $"{a} run");
        return activity;
    }

    /// <summary>Starts the span of an operation.</summary>
    public static Activity? StartOperation(this ActivitySource source, in ObservedOperation operation)
    {
        var (kind, run) = (operation.Kind, operation.Run);
        var activity = source.StartActivity(kind == HostOperation.InvokeAgent ? SpanNames.OpenAgent : Names[kind.Index].For(operation));
        if (activity is not { IsAllDataRequested: true }) return activity;
        if (operation.Lasted > TimeSpan.Zero) activity.SetStartTime(activity.StartTimeUtc - operation.Lasted);
        if (run is not null) activity.AddIdentity(run);
        else if (operation.Session is { } session) activity.AddTag(Attributes.ConversationId, session.Id);
        if (kind == HostOperation.InvokeAgent) activity.AddModel(run);
        if (operation.Link is not null && ActivityContext.TryParse(operation.Link, null, isRemote: true, out var linked)) activity.AddLink(new(linked));
        if (operation.Tool is { } tool) activity.AddTool(tool);
        if (operation.Plugin is { } plugin) activity.AddPlugin(plugin, kind);
        else if (operation.Folder is not null) activity.AddTag(Attributes.PluginFolder, operation.Folder);
        return activity;
    }

    /// <summary>Describes how the operation ended.</summary>
    public static void SetEnd(this Activity activity, in ObservedOperation operation, in ObservedEnd end)
    {
        // Below a span of this name, the tool loop of Microsoft.Extensions.AI would make spans beside those of the engine.
        if (operation.Kind == HostOperation.InvokeAgent) activity.DisplayName = Names[operation.Kind.Index].For(operation);
        if (end.Skipped) activity.AddTag(Attributes.PluginSkipped, true);
        if (end.Messages is { } messages) activity.AddTag(Attributes.MessageCount, messages);
        if (end.Tools is not null) activity.AddTag(Attributes.ContextTools, end.Tools);
        if (end.InstructionsLength is { } length) activity.AddTag(Attributes.ContextInstructions, length);
        if (end.Usage is not null) activity.AddUsage(end.Usage);
        if (end.IsReused) activity.AddTag(Attributes.StepReused, true);
        if (end.IsUnknown) activity.AddTag(Attributes.StepUnknown, true);
        if (end.IsCovered) activity.AddTag(Attributes.Covered, true);
        if (end.OwnTime is { } own) activity.AddTag(Attributes.OwnTime, own.TotalSeconds);
        if (end.Restored is { } restored) activity.AddTag(Attributes.SessionLoad, restored ? "restored" : "new");
        if (GetCause(end.Cause) is { } cause) activity.AddTag(Attributes.Cause, cause);
        if (end.Exception is not null) SpanException.Record(activity, end.Exception);
        if (end.ErrorType is not null) activity.SetFailed(end.ErrorType);
    }

    private static string? GetCause(EndCause cause) => cause switch
    {
        EndCause.PassedThrough => "passed_through",
        EndCause.Cancelled => Causes.Cancelled,
        EndCause.Parked => "parked",
        EndCause.Refused => Causes.Refused,
        _ => null,
    };

    private sealed class SpanName(HostOperation operation)
    {
        // The conventions for generative AI name these two.
        private readonly bool _isConventional = operation == HostOperation.InvokeAgent || operation == HostOperation.ToolCall;

        // Bounded, because names of agents and plugins come from the configuration.
        private readonly ConcurrentDictionary<string, string> _names = new(StringComparer.Ordinal);

        public string For(in ObservedOperation operation)
        {
            if (operation.Tool is { } tool) return $"{operation.Kind.Name} {tool.Name}";
            var name = operation.Kind == HostOperation.InvokeAgent ? operation.Run?.Agent : operation.Folder ?? operation.Plugin?.SourceId;
            if (name is null) return _isConventional ? operation.Kind.Name : SpanNames.Prefix + operation.Kind.Name;
            return _names.GetOrAdd(name, Create, operation.Kind.Name);
        }

        // What differs comes first, so that a narrow column shows it.
        private string Create(string name, string operation) => _isConventional ? $"{operation} {name}" : $"{name} {operation}";
    }
}
