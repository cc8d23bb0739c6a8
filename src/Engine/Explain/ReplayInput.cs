using System.Text.Json;
using PluginHost.Sdk;

namespace PluginHost.Engine.Explain;

/// <summary>What a recorded run was made of, to make it again with another chain. Messages are indexes in <see cref="RunExplanation.Contents"/>.</summary>
internal sealed record ReplayInput
{
    /// <summary>The command without its input.</summary>
    public required JsonElement Command { get; init; }

    /// <summary>The input, as the first history got it.</summary>
    public required IReadOnlyList<int> Input { get; init; }

    public string? ServiceSessionId { get; init; }

    public IReadOnlyList<string> OpenServiceCalls { get; init; } = [];

    public required IReadOnlyList<ReplayPage> Pages { get; init; }

    public required IReadOnlyList<ReplayContribution> Contributions { get; init; }

    /// <summary>What run middleware behind the first history passed on; null in recordings of an older version.</summary>
    public IReadOnlyList<ReplayPassed>? Passed { get; init; }

    /// <summary>What was known of what the model takes; null in recordings of an older version.</summary>
    public KnownWindow? Window { get; init; }

    /// <summary>Why the run cannot be made again; null when it can.</summary>
    public string? Obstacle { get; init; }
}

/// <summary>What a history gave, newest first.</summary>
internal sealed record ReplayPage(string Plugin, IReadOnlyList<ReplayMessage> Messages, bool HasMore);

/// <summary>A message of a history.</summary>
internal sealed record ReplayMessage(int Content, string Id, MessageOrigin Origin, string? Source, string? RunId, DateTimeOffset CreatedAt);

/// <summary>What a context provider gave.</summary>
/// <param name="Plugin">Its source id.</param>
/// <param name="Fingerprint">Its build and options, see <see cref="Plugins.PluginInstance.Fingerprint"/>.</param>
/// <param name="Messages">The messages.</param>
/// <param name="Instructions">The instructions.</param>
/// <param name="Tools">The tools.</param>
internal sealed record ReplayContribution(string Plugin, string Fingerprint, IReadOnlyList<int> Messages, string? Instructions, IReadOnlyList<JsonElement> Tools);
