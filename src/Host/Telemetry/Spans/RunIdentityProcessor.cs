using System.Diagnostics;
using OpenTelemetry;
using static PluginHost.Telemetry.TelemetryNames;

namespace PluginHost.Telemetry.Spans;

/// <summary>
/// Gives the session and the agent of a run to spans that others make inside it: of the model, of tools, of plugins, of HTTP
/// calls. Works at the end of a span, because a chat span sets a conversation id of its own, the model service's.
/// </summary>
internal sealed class RunIdentityProcessor : BaseProcessor<Activity>
{
    public override void OnEnd(Activity data)
    {
        // An error's text may hold what a user wrote; Microsoft.Extensions.AI puts it on its spans.
        if (data.StatusDescription is not null && IsOurs(data)) data.SetStatus(data.Status);
        // Most of the host's own have said whose they are, with their first attribute; the tool loop uses the same source, and has not.
        if (data.Source.Name == Scopes.Host && data.GetTagItem(Attributes.ConversationId) is not null) return;
        if (Find(data.Parent) is not { } owner) return;
        data.SetTag(Attributes.ConversationId, owner.GetTagItem(Attributes.ConversationId));
        if (owner.GetTagItem(Attributes.AgentName) is { } agent) data.SetTag(Attributes.AgentName, agent);
    }

    /// <summary>The nearest span that knows its session; spans still open above it do, those between may not yet.</summary>
    internal static Activity? Find(Activity? activity)
    {
        while (activity is not null && activity.GetTagItem(Attributes.ConversationId) is null) activity = activity.Parent;
        return activity;
    }

    private static bool IsOurs(Activity activity) => activity.Source.Name is Scopes.Host or Scopes.GenAI;
}
