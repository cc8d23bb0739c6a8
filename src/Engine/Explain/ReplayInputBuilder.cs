using System.Text.Json;

namespace PluginHost.Engine.Explain;

/// <summary>Keeps what a run was made of: what the first history got, what histories and context providers gave.</summary>
internal static class ReplayInputBuilder
{
    /// <param name="recording">The recording.</param>
    /// <param name="trail">Keeps the messages.</param>
    /// <param name="instructions">How the instructions came about.</param>
    /// <returns>Null when the run did not reach a history, or its command was not recorded.</returns>
    public static ReplayInput? Build(RunRecording recording, MessageTrail trail, InstructionTrail instructions)
    {
        var stages = recording.Stages;
        var first = Find(stages);
        if (first < 0 || recording.WriteCommand is not { } write) return null;
        if (FindObstacle(recording, instructions) is { } obstacle)
            return new ReplayInput { Command = JsonElement.Parse("{}"u8), Input = [], Pages = [], Contributions = [], Obstacle = obstacle };
        // What a middleware in front of all histories got is not kept.
        var isChanged = stages.Take(first).Any(s => s.Kind == StageKind.RunMiddleware);
        return new ReplayInput
        {
            Command = write(),
            Input = [.. stages[first].Input.Select(trail.AddContent)],
            ServiceSessionId = stages[first].Request.Session.ServiceSessionId,
            OpenServiceCalls = recording.OpenServiceCalls,
            Window = recording.Window,
            Pages = [.. recording.Pages.Select(p => Keep(p, trail))],
            Passed = [.. FindPassed(stages, first, trail)],
            Contributions = [.. recording.Contributions.Where(c => !isChanged || c.Stage >= first).Select(c => Keep(c, trail))],
        };
    }

    private static string? FindObstacle(RunRecording recording, InstructionTrail instructions) =>
        recording.Given.Count > 0 ? "It was given messages while it was in progress."
        : recording.Run.Attempt > 1 ? "It continues an earlier attempt."
        : instructions.Parts.Any(p => p.BeforeWithheld) ? "A middleware in front of all histories changed its instructions, which are not kept."
        : null;

    private static int Find(IReadOnlyList<PassedStage> stages)
    {
        for (var i = 0; i < stages.Count; i++)
        {
            if (stages[i].Kind == StageKind.History) return i;
        }

        return -1;
    }

    private static IEnumerable<ReplayPassed> FindPassed(IReadOnlyList<PassedStage> stages, int first, MessageTrail trail)
    {
        for (var i = first + 1; i < stages.Count - 1; i++)
        {
            if (stages[i].Kind == StageKind.RunMiddleware && ReplayPassed.From(stages[i], stages[i + 1], trail) is { } passed) yield return passed;
        }
    }

    /// <summary>What was not given to the model is not kept: a page may be much larger.</summary>
    private static ReplayPage Keep(LoadedPage page, MessageTrail trail)
    {
        var messages = page.Kept.Reverse().Select(m => new ReplayMessage(trail.AddContent(m.Message), m.Id, m.Origin, m.Source, m.RunId, m.CreatedAt)).ToList();
        return new(page.Plugin, messages, page.Page.HasMore || messages.Count < page.Page.Items.Count);
    }

    private static ReplayContribution Keep(GivenContext given, MessageTrail trail) => new(
        given.Plugin,
        given.Fingerprint,
        [.. given.Contribution.Messages.Select(trail.AddContent)],
        given.Contribution.Instructions,
        [.. given.Contribution.Tools.Select(RecordedTool.ToJson)]);
}
