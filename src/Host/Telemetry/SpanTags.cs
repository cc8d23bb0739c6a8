using System.Diagnostics;
using PluginHost.Pipeline;
using PluginHost.Plugins;
using PluginHost.Sdk;
using static PluginHost.Telemetry.TelemetryNames;

namespace PluginHost.Telemetry;

/// <summary>Groups of attributes that spans have in common.</summary>
internal static class SpanTags
{
    // Microsoft.Extensions.AI looks for this on the agent's span to learn whether a tool's arguments may be recorded.
    private const string CaptureProperty = "__EnableSensitiveData__";

    public static void SetIdentity(this Activity activity, ObservedRun run)
    {
        activity.SetTag(Attributes.ConversationId, run.Session.Id);
        activity.SetTag(Attributes.AgentName, run.Agent);
        activity.SetTag(Attributes.RunId, run.RunId);
    }

    public static void SetModel(this Activity activity, ObservedRun? run, bool captureContent)
    {
        activity.SetTag(Attributes.OperationName, Spans.InvokeAgent);
        if (run?.Provider is not null) activity.SetTag(Attributes.ProviderName, run.Provider);
        if (run?.Model is not null) activity.SetTag(Attributes.RequestModel, run.Model);
        if (captureContent) activity.SetCustomProperty(CaptureProperty, "true");
    }

    public static void SetPlugin(this Activity activity, PluginInstance plugin, string? kind)
    {
        activity.SetTag(Attributes.PluginName, plugin.SourceId);
        if (kind is not null) activity.SetTag(Attributes.PluginKind, kind);
        activity.SetTag(Attributes.PluginIndex, plugin.Entry.Index);
        activity.SetTag(Attributes.PluginVersion, plugin.Version);
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
