using PluginHost.WebConsole.Api;

namespace PluginHost.WebConsole.Views;

/// <summary>What one run said, in order. Messages without a run are turns as well.</summary>
/// <param name="RunId">The run; null for messages that were added outside of runs.</param>
/// <param name="Run">Its summary; null when it is not found.</param>
/// <param name="Messages">Its messages on this page.</param>
public sealed record Turn(string? RunId, ApiRun? Run, IReadOnlyList<ApiMessage> Messages)
{
    /// <summary>What the caller sent, while the API does not know it yet.</summary>
    public IReadOnlyList<string> Sent { get; init; } = [];

    /// <summary>The message before the first of these; null when it is not on the page.</summary>
    public string? Previous { get; init; }

    /// <summary>The message after the first of these, when the one before it is on an older page.</summary>
    public string? Next { get; init; }
}

/// <summary>One page of a session's messages, by run.</summary>
/// <param name="Turns">Oldest first.</param>
/// <param name="Older">The message before which older ones are; null when there are none.</param>
public sealed record Conversation(IReadOnlyList<Turn> Turns, string? Older)
{
    /// <param name="newestFirst">A page of messages, newest first.</param>
    /// <param name="runs">Runs of the session.</param>
    /// <param name="isNewest">Whether it is the newest page, which has the runs in progress as well.</param>
    public static Conversation From(ApiList<ApiMessage> newestFirst, IReadOnlyList<ApiRun> runs, bool isNewest)
    {
        var byId = runs.ToDictionary(r => r.Id, StringComparer.Ordinal);
        var turns = new List<Turn>();
        string? previous = null;
        foreach (var message in newestFirst.Data.Reverse())
        {
            if (turns.Count > 0 && message.RunId is not null && turns[^1].RunId == message.RunId) turns[^1] = turns[^1] with { Messages = [.. turns[^1].Messages, message] };
            else turns.Add(new Turn(message.RunId, message.RunId is null ? null : byId.GetValueOrDefault(message.RunId), [message]) { Previous = previous });
            previous = message.Id;
        }

        if (newestFirst is { HasMore: true, Data.Count: > 1 }) turns[0] = turns[0] with { Next = newestFirst.Data[^2].Id };

        var shown = turns.Select(t => t.RunId).ToHashSet();
        if (isNewest) turns.AddRange(runs.Where(r => (r.IsInProgress || r.IsParked) && !shown.Contains(r.Id)).Reverse().Select(r => new Turn(r.Id, r, r.Output)));
        return new Conversation(turns, newestFirst.HasMore ? newestFirst.Data[^1].Id : null);
    }

    /// <summary>Calls of the last run that wait for results of the caller.</summary>
    public IReadOnlyList<ApiPart> OpenCalls
    {
        get
        {
            if (Turns is not [.., { Run: { Status: "requires_action", IsParked: false } } last]) return [];
            var parts = last.Messages.SelectMany(m => m.Content).ToList();
            var answered = parts.Where(p => p.Type == "function_result").Select(p => p.CallId).ToHashSet();
            return [.. parts.Where(p => p.Type == "function_call" && !answered.Contains(p.CallId))];
        }
    }
}
