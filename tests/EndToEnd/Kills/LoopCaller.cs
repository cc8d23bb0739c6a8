namespace PluginHost.EndToEnd.Kills;

/// <summary>A caller with one session. It sends one run after the other, and sometimes one in the background with another one behind it.</summary>
internal sealed class LoopCaller(string session, int seed)
{
    private readonly Random _random = new(seed);
    private readonly List<LoopRun> _runs = [];

    public string Session => session;

    public IReadOnlyList<LoopRun> Runs => _runs;

    /// <summary>Sends runs until the host is lost.</summary>
    public async Task RunUntilLostAsync(ApiClient api, Action<KillPoint> hit)
    {
        try
        {
            await FinishAsync(api, hit);
            while (true)
            {
                if (_random.Next(3) == 0) await AddRun(LoopMode.Background).SendAsync(api, hit);
                await AddRun(_random.GetItems(Enum.GetValues<LoopMode>(), 1)[0]).SendAsync(api, hit);
                await FinishAsync(api, hit);
            }
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            foreach (var run in _runs) run.Lose();
        }
    }

    /// <summary>Waits for the ends of all runs.</summary>
    public async Task FinishAsync(ApiClient api, Action<KillPoint> hit)
    {
        foreach (var run in _runs) await run.FinishAsync(api, hit);
    }

    private LoopRun AddRun(LoopMode mode)
    {
        // One that is sent again is another attempt: a call of the same id would have the same key.
        var task = new LoopTask($"{session}-{_runs.Count}", _random.Next(), HasStableIds: mode == LoopMode.Background && _random.Next(4) > 0);
        var run = new LoopRun(session, task, mode);
        _runs.Add(run);
        return run;
    }
}
