using System.Diagnostics;
using PluginHost.Engine.Observation;
using PluginHost.Sdk;
using static PluginHost.Telemetry.TelemetryNames;

namespace PluginHost.Telemetry.Spans;

/// <summary>Groups of attributes that spans have in common.</summary>
internal static class SpanTags
{
    /// <summary>For spans that may have said so before.</summary>
    public static void SetIdentity(this Activity activity, ObservedRun run)
    {
        activity.SetTag(Attributes.ConversationId, run.Session.Id);
        activity.SetTag(Attributes.AgentName, run.Agent);
        activity.SetTag(Attributes.RunId, run.RunId);
    }

    // Adding to a new span spares the search for an attribute of the same name, which setting makes each time.
    public static void AddIdentity(this Activity activity, ObservedRun run) => activity
        .AddTag(Attributes.ConversationId, run.Session.Id)
        .AddTag(Attributes.AgentName, run.Agent)
        .AddTag(Attributes.RunId, run.RunId);

    public static void AddModel(this Activity activity, ObservedRun? run)
    {
        activity.AddTag(Attributes.OperationName, SpanNames.InvokeAgent);
        if (run?.Provider is not null) activity.AddTag(Attributes.ProviderName, run.Provider);
        if (run?.Model is not null) activity.AddTag(Attributes.RequestModel, run.Model);
    }

    public static void AddPlugin(this Activity activity, ObservedPlugin plugin, string? kind)
    {
        activity.AddTag(Attributes.PluginName, plugin.SourceId);
        if (kind is not null) activity.AddTag(Attributes.PluginKind, kind);
        activity.AddTag(Attributes.PluginIndex, plugin.Index).AddTag(Attributes.PluginVersion, plugin.Version);
    }

    public static void Fail(this Activity activity, string errorType)
    {
        activity.SetTag(Attributes.ErrorType, errorType);
        // No description: the text of an error may hold what a user wrote.
        activity.SetStatus(ActivityStatusCode.Error);
    }

    public static string OutcomeOf(RunStatus status) => status switch
    {
        RunStatus.Completed => "completed",
        RunStatus.Cancelled => "cancelled",
        RunStatus.RequiresAction => "requires_action",
        _ => "failed",
    };
}
