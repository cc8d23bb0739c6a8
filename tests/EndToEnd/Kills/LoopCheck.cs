using System.Text.Json.Nodes;

namespace PluginHost.EndToEnd.Kills;

/// <summary>Checks what is left of the runs of one session.</summary>
internal sealed class LoopCheck(ApiClient api, LoopCaller caller, ILookup<string, Effect> effects)
{
    public async Task RunAsync()
    {
        var completed = new List<LoopRun>();
        foreach (var run in caller.Runs)
        {
            var stored = await run.GetAsync(api);
            if ((string?)stored["status"] == "completed") completed.Add(run);
            if (run.Mode == LoopMode.Background) CheckCalls(run, stored);
            if (run.Mode != LoopMode.Waiting) await CheckStreamAsync(run, isCompleted: completed.Contains(run));
        }

        var listed = await api.ListRunsAsync(caller.Session);
        Assert.Equal(caller.Runs.Select(r => r.Id), listed.Select(r => (string?)r["id"]));
        await CheckHistoryAsync(completed);
    }

    /// <summary>Each run that completed has its input and its whole answer in the history once, in the order of the runs.</summary>
    private async Task CheckHistoryAsync(List<LoopRun> completed)
    {
        var messages = await api.ListMessagesAsync(caller.Session);
        var turns = messages.GroupBy(m => m.Run).Where(g => completed.Exists(r => r.Id == g.Key)).ToList();
        Assert.Equal(completed.Select(r => r.Id), turns.Select(t => t.Key));
        Assert.Equal(completed.Select(r => r.Task.Input), turns.Select(t => Assert.Single(t, m => m.Role == "user").Text));
        Assert.Equal(completed.Select(r => r.Task.Text), turns.Select(t => string.Concat(t.Where(m => m.Role == "assistant").Select(m => m.Text))));
    }

    /// <summary>Each call of a run in the background has a result: its effect, or that it is unknown.</summary>
    private void CheckCalls(LoopRun run, JsonNode stored)
    {
        var results = stored["output"]!.AsArray().SelectMany(m => m!["content"]!.AsArray()).Where(c => (string?)c!["type"] == "function_result").Select(c => $"{c!["result"]}").ToList();
        var unknown = results.Count(r => r.StartsWith("outcome unknown", StringComparison.Ordinal));
        foreach (var call in run.Task.Steps.SelectMany(s => s.Calls))
        {
            var acted = effects[call.Effect].Count();
            var told = results.Count(r => r == $"did {call.Effect}");
            if (call.Tool == "charge") Assert.True(acted <= 1, $"{call.Effect} acted {acted} times.");
            if (told == 0) unknown--;
            Assert.True(told <= 1 && told <= acted, $"{call.Effect} acted {acted} times, and the model learned of {told}.");
        }

        Assert.True(unknown == 0, $"{run.Task.Id}: {unknown} results of unknown outcome are left over: {stored.ToJsonString()}");
    }

    /// <summary>What the caller has received over all connections is what the stored run gives.</summary>
    private async Task CheckStreamAsync(LoopRun run, bool isCompleted)
    {
        var (received, all) = (run.Stream.Events, new RunStream());
        await all.TakeUpAsync(api, caller.Session, run.Id!, static _ => { });
        Assert.All(received.Zip(received.Skip(1)), pair => Assert.True(pair.First.Id < pair.Second.Id));
        Assert.Single(received, e => e.IsEnd);
        if (isCompleted && (run.Task.HasStableIds || !run.WasLost))
        {
            Assert.Equal(all.Events.Select(e => e.Line), received.Select(e => e.Line));
            Assert.Equal(run.Task.Text, run.Stream.Text);
            return;
        }

        // The events that the lost process sent last may not be in the journal. What came after it is complete.
        var before = run.Stream.TakenUpAt == 0 ? 0 : received[run.Stream.TakenUpAt - 1].Id;
        Assert.Equal(all.Events.Where(e => e.Id > before).Select(e => e.Line), received.Where(e => e.Id > before).Select(e => e.Line));
        // A model that was asked again has given new ids to the same numbers.
        if (run.Mode == LoopMode.Background) return;
        var known = all.Events.ToDictionary(e => e.Id, e => e.Line);
        Assert.All(received, e => Assert.Equal(known.GetValueOrDefault(e.Id, e.Line), e.Line));
    }
}
