using PluginHost.Engine.Chains;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Errors;

namespace PluginHost.Engine.Hosting;

/// <summary>Compares how many runs changed plugins fail with how many they failed before they changed. Thread-safe.</summary>
internal sealed class ErrorRateRule
{
    private readonly PluginLoadingConfiguration _settings;
    private readonly HashSet<string> _plugins;
    private readonly RunTally _now;
    private readonly RunCounts _before;
    private int _broken;

    private ErrorRateRule(PluginLoadingConfiguration settings, HashSet<string> plugins, RunCounts before, RunTally now) =>
        (_settings, _plugins, _before, _now) = (settings, plugins, before, now);

    /// <param name="settings">The settings of a generation that begins to serve.</param>
    /// <param name="generation">The generation.</param>
    /// <param name="before">The runs of the one before.</param>
    /// <param name="now">Its runs.</param>
    /// <returns>Null when it is not configured, or no plugin changed.</returns>
    public static ErrorRateRule? Create(PluginLoadingConfiguration settings, Generation generation, RunTally before, RunTally now)
    {
        var changed = generation.Changes.Where(c => c.To is not null).Select(c => c.Plugin).ToHashSet(StringComparer.Ordinal);
        return settings.RollbackErrorPercent is null || changed.Count == 0 ? null : new(settings, changed, before.Count(changed), now);
    }

    /// <summary>Compares after each run that a plugin failed.</summary>
    /// <param name="giveUp">Called once with the reason, when the generation fails too many runs. It logs what it refuses.</param>
    /// <param name="logger">For its other errors, which no caller awaits.</param>
    public void Watch(Func<string, ValueTask<Generation>> giveUp, ILogger logger) => _now.OnFailed(() =>
    {
        if (FindReason() is not { } reason || Interlocked.Exchange(ref _broken, 1) != 0) return;
        // The rollback is no part of the run that was one too many, nor of its trace.
        using (ExecutionContext.SuppressFlow()) _ = Task.Run(() => TryAsync(() => giveUp(reason), logger));
    });

    private static async Task TryAsync(Func<ValueTask<Generation>> giveUp, ILogger logger)
    {
        try
        {
            await giveUp();
        }
        catch (Exception e) when (e is ProblemException or OperationCanceledException)
        {
            // Refused and logged, or the host stops.
        }
        catch (Exception e)
        {
            Log.ReloadFailed(logger, LoggableError.From(e));
        }
    }

    /// <returns>Null while the generation may continue.</returns>
    private string? FindReason()
    {
        var seen = _now.Count(_plugins);
        return seen.Runs < _settings.RollbackMinRuns || seen.FailedPercent - _before.FailedPercent <= _settings.RollbackErrorPercent
            ? null
            : $"Changed plugins ({string.Join(", ", _plugins.Order(StringComparer.Ordinal))}) failed {seen.Failed} of the last {seen.Runs} runs, "
                + $"and {_before.Failed} of {_before.Runs} before they changed (PluginLoading:RollbackErrorPercent).";
    }
}
