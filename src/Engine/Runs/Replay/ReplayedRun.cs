using System.Text.Json;
using PluginHost.Engine.Explain;

namespace PluginHost.Engine.Runs.Replay;

/// <summary>A recorded run that was made again with another chain.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Agent">Its agent.</param>
internal sealed record ReplayedRun(string RunId, string Agent)
{
    /// <summary>Why it was not made again; null when it was.</summary>
    public string? Obstacle { get; init; }

    /// <summary>What the model would have been sent otherwise; empty for the same.</summary>
    public IReadOnlyList<ReplayDifference> Differences { get; init; } = [];
}

/// <summary>A part of a request to the model that is another one with the other chain.</summary>
/// <param name="Call">The call, from 1.</param>
/// <param name="Part">call, model, settings, instructions, messages, tools or body.</param>
/// <param name="Recorded">What was there; empty for nothing.</param>
/// <param name="Replayed">What would be there instead.</param>
internal sealed record ReplayDifference(int Call, string Part, IReadOnlyList<JsonElement> Recorded, IReadOnlyList<JsonElement> Replayed)
{
    /// <summary>Compares two runs. Calls whose bodies have the same hash are the same byte for byte.</summary>
    public static IReadOnlyList<ReplayDifference> Find(RunExplanation recorded, RunExplanation replayed, bool isComplete)
    {
        var differences = new List<ReplayDifference>();
        for (var i = 0; i < recorded.Calls.Count; i++)
        {
            if (i >= replayed.Calls.Count) differences.Add(new(i + 1, "call", Texts("The model was called."), Texts("The model would not be called.")));
            else Compare(i + 1, recorded, recorded.Calls[i], replayed, replayed.Calls[i], differences);
        }

        // A run that was broken off might have called it again, too.
        if (isComplete && replayed.Calls.Count > recorded.Calls.Count)
            differences.Add(new(recorded.Calls.Count + 1, "call", Texts("The model was not called."), Texts("The model would be called again.")));
        return differences;
    }

    private static void Compare(
        int number, RunExplanation recorded, ExplainedCall before, RunExplanation replayed, ExplainedCall now, List<ReplayDifference> differences)
    {
        if (before.BodySha256 is { } hash && hash == now.BodySha256) return;
        var found = differences.Count;
        Add("model", Texts(before.Model), Texts(now.Model));
        Add("settings", SettingsOf(recorded, before), SettingsOf(replayed, now));
        Add("instructions", Texts(TextOf(before)), Texts(TextOf(now)));
        Add("messages", ContentsOf(recorded, before), ContentsOf(replayed, now));
        Add("tools", ToolsOf(before), ToolsOf(now));
        if (differences.Count == found && before.BodySha256 is not null && now.BodySha256 is not null)
            differences.Add(new(number, "body", Texts(before.BodySha256), Texts(now.BodySha256)));

        void Add(string part, IReadOnlyList<JsonElement> was, IReadOnlyList<JsonElement> isNow)
        {
            if (was.Count != isNow.Count || !was.Zip(isNow).All(pair => IsSame(pair.First, pair.Second)))
                differences.Add(Trim(new(number, part, was, isNow)));
        }
    }

    /// <summary>Without what is the same at the beginning and at the end.</summary>
    private static ReplayDifference Trim(ReplayDifference whole)
    {
        var (was, now) = (whole.Recorded, whole.Replayed);
        var (start, end) = (0, 0);
        while (start < Math.Min(was.Count, now.Count) && IsSame(was[start], now[start])) start++;
        while (end < Math.Min(was.Count, now.Count) - start && IsSame(was[was.Count - 1 - end], now[now.Count - 1 - end])) end++;
        return whole with { Recorded = [.. was.Skip(start).SkipLast(end)], Replayed = [.. now.Skip(start).SkipLast(end)] };
    }

    private static bool IsSame(JsonElement a, JsonElement b) => JsonElement.DeepEquals(a, b);

    private static IReadOnlyList<JsonElement> SettingsOf(RunExplanation run, ExplainedCall call) => run.Parameters is { } parameters ? [call.Settings, parameters] : [call.Settings];

    private static string TextOf(ExplainedCall call) => string.Join('\n', call.Instructions.Select(i => i.Text));

    private static IReadOnlyList<JsonElement> ContentsOf(RunExplanation run, ExplainedCall call) => [.. call.Messages.Select(m => run.Contents[run.Messages[m].Content])];

    private static IReadOnlyList<JsonElement> ToolsOf(ExplainedCall call) =>
        [.. call.Tools.SelectMany(t => Texts($"{t.Name}: {t.Description} {t.Parameters}"))];

    private static IReadOnlyList<JsonElement> Texts(string? text) =>
        string.IsNullOrEmpty(text) ? [] : [JsonSerializer.SerializeToElement(text, ExplainJson.Default.String)];
}
