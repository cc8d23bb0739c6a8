using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using PluginHost.Engine.Runs.Replay;
using PluginHost.Http.Binding;

namespace PluginHost.Native.Resources;

/// <summary>The body of <c>POST /v1/sessions/{id}/replay</c>.</summary>
internal sealed record ReplayBody(
    [property: Length(1, 4096), Description("A configuration file in the folder of the host's own; the host's own, as it is now, when left out.")] string? Config = null,
    [property: Id, Description("One run; all that are recorded when left out.")] string? Run = null);

/// <summary>The recorded runs of a session, made again with another configuration.</summary>
internal sealed record ReplayResource(
    [property: AllowedText("session.replay")] string Object,
    string SessionId,
    [property: Description("How many runs would have been the same.")] int Same,
    [property: Description("How many would have been others.")] int Different,
    [property: Description("How many could not be made again.")] int NotReplayed,
    [property: Description("The runs in the order of their ends.")] IReadOnlyList<ReplayedRunResource> Runs)
{
    public static ReplayResource From(string session, IReadOnlyList<ReplayedRun> runs)
    {
        var replayed = runs.Select(ReplayedRunResource.From).ToList();
        return new(
            "session.replay", session, Count(ReplayedRunResource.Same), Count(ReplayedRunResource.Different), Count(ReplayedRunResource.NotReplayed), replayed);

        int Count(string result) => replayed.Count(r => r.Result == result);
    }
}

internal sealed record ReplayedRunResource(
    string RunId,
    string Agent,
    [property: AllowedText("same", "different", "not_replayed")] string Result,
    [property: Description("What the model would have been sent otherwise.")] IReadOnlyList<ReplayDifferenceResource> Differences)
{
    public const string Same = "same", Different = "different", NotReplayed = "not_replayed";

    [Description("Why the run could not be made again.")]
    public string? Reason { get; init; }

    public static ReplayedRunResource From(ReplayedRun run) => new(
        run.RunId,
        run.Agent,
        run.Obstacle is not null ? NotReplayed : run.Differences.Count == 0 ? Same : Different,
        [.. run.Differences.Select(ReplayDifferenceResource.From)])
    {
        Reason = run.Obstacle,
    };
}

internal sealed record ReplayDifferenceResource(
    [property: Description("The call of the model, from 1.")] int Call,
    [property: AllowedText("call", "model", "settings", "instructions", "messages", "tools", "body"), Description("body: the same parts in other bytes. call: the model would be called more or less often.")] string Part,
    [property: Description("What was sent, without what is the same before and behind.")] IReadOnlyList<JsonElement> Recorded,
    [property: Description("What would be sent instead.")] IReadOnlyList<JsonElement> Replayed)
{
    public static ReplayDifferenceResource From(ReplayDifference difference) => new(
        difference.Call, difference.Part, [.. difference.Recorded.Select(ToResource)], [.. difference.Replayed.Select(ToResource)]);

    /// <summary>A message in the form of the API; other values as they are.</summary>
    private static JsonElement ToResource(JsonElement value) => value.ValueKind == JsonValueKind.Object && value.TryGetProperty("contents", out _)
        ? JsonSerializer.SerializeToElement(new ExplainedAnswerResource(ExplainedContents.RoleOf(value), MessageJson.FromStored(value)), ApiJson.Default.ExplainedAnswerResource)
        : value;
}
