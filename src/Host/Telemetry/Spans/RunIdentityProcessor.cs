using System.Diagnostics;
using OpenTelemetry;
using PluginHost.Telemetry.Export;
using static PluginHost.Telemetry.TelemetryNames;

namespace PluginHost.Telemetry.Spans;

/// <summary>
/// Adds session and agent to the spans of other libraries inside a run: model calls, tools, plugins and HTTP requests. Runs at the end of
/// a span, because chat spans set the model service's conversation id.
/// </summary>
internal sealed class RunIdentityProcessor(QueueCounter queue) : BaseProcessor<Activity>
{
    public override void OnEnd(Activity data)
    {
        // What is sampled is queued after this.
        if (data.Recorded) queue.Add();
        // The text of an error may hold what a user wrote. Libraries set it; what plugins set is theirs.
        if (data.StatusDescription is not null && !data.Source.Name.StartsWith(Scopes.PluginPrefix, StringComparison.Ordinal)) data.SetStatus(data.Status);
        if (IsBrokenOff(data)) SetCancelled(data);
        // Spans of the host have the session as their first attribute.
        if (data.Source.Name == Scopes.Host && data.GetTagItem(Attributes.ConversationId) is not null) return;
        if (Find(data.Parent) is not { } owner) return;
        data.SetTag(Attributes.ConversationId, owner.GetTagItem(Attributes.ConversationId));
        if (owner.GetTagItem(Attributes.AgentName) is { } agent) data.SetTag(Attributes.AgentName, agent);
    }

    private static bool IsBrokenOff(Activity span) => span.Source.Name == "System.Net.Http"
        && span.GetTagItem(Attributes.ErrorType) is "System.Threading.Tasks.TaskCanceledException" or "System.OperationCanceledException";

    /// <summary>A request that was broken off did not fail itself. When it took too long, the call around it has the error.</summary>
    private static void SetCancelled(Activity span)
    {
        span.SetTag(Attributes.ErrorType, null);
        span.SetTag(Attributes.Cause, Causes.Cancelled);
        span.SetStatus(ActivityStatusCode.Unset);
    }

    /// <summary>Finds the nearest span with a session. Open spans of other libraries in between may have none yet.</summary>
    internal static Activity? Find(Activity? activity)
    {
        while (activity is not null && activity.GetTagItem(Attributes.ConversationId) is null) activity = activity.Parent;
        return activity;
    }
}
