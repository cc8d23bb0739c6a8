using System.Diagnostics;
using OpenTelemetry;
using static PluginHost.Telemetry.TelemetryNames;

namespace PluginHost.Telemetry.Spans;

/// <summary>
/// Adds session and agent to the spans of other libraries inside a run: model calls, tools, plugins and HTTP requests. Runs at the end of
/// a span, because chat spans set the model service's conversation id.
/// </summary>
internal sealed class RunIdentityProcessor : BaseProcessor<Activity>
{
    public override void OnEnd(Activity data)
    {
        // Remove the error text that Microsoft.Extensions.AI adds, because it may contain text of a user.
        if (data.StatusDescription is not null && data.Source.Name is Scopes.Host or Scopes.GenAI) data.SetStatus(data.Status);
        // Spans of the host have the session as their first attribute. The tool loop uses the same source and does not set it.
        if (data.Source.Name == Scopes.Host && data.GetTagItem(Attributes.ConversationId) is not null) return;
        if (Find(data.Parent) is not { } owner) return;
        data.SetTag(Attributes.ConversationId, owner.GetTagItem(Attributes.ConversationId));
        if (owner.GetTagItem(Attributes.AgentName) is { } agent) data.SetTag(Attributes.AgentName, agent);
    }

    /// <summary>Finds the nearest span with a session. Open spans of other libraries in between may have none yet.</summary>
    internal static Activity? Find(Activity? activity)
    {
        while (activity is not null && activity.GetTagItem(Attributes.ConversationId) is null) activity = activity.Parent;
        return activity;
    }
}
