using PluginHost.Engine.Calls;
using PluginHost.Engine.Chains;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Observation;
using PluginHost.Engine.Plugins;
using PluginHost.Engine.Sessions.Store;
using PluginHost.Sdk;

namespace PluginHost.Engine.Sessions.Admin;

/// <summary>Removes a session from every plugin of every chain, then from the store. The caller has entered the session's gate.</summary>
internal sealed class SessionDeletion(PluginCaller caller, ILogger logger)
{
    /// <returns>What each plugin removed, in chain order; the store last.</returns>
    /// <exception cref="ProblemException">A plugin failed: the record stays, so that the deletion can be repeated.</exception>
    public async ValueTask<IReadOnlyList<Removal>> DeleteAsync(ChainSet set, SessionKey key)
    {
        var removals = await DeleteFromPluginsAsync(set, key);
        var removed = await caller.Observer.ObserveAsync(
            new ObservedOperation(HostOperation.SessionDelete) { Session = key, Plugin = set.Store.Plugin.Observed },
            (set.Store, key),
            static s => s.Store.DeleteAsync(s.key));
        removals.Add(new Removal(set.Store.Plugin.SourceId, "session-store", removed));
        return removals;
    }

    private async ValueTask<List<Removal>> DeleteFromPluginsAsync(ChainSet set, SessionKey key)
    {
        var removals = new List<Removal>();
        var failed = new List<PluginException>();
        foreach (var plugin in set.Chains.SelectMany(c => c.Plugins))
        {
            if (plugin.History is { } history)
                await TryAsync(plugin, HostOperation.HistoryDelete, "history-provider", ct => history.DeleteAsync(new HistoryDeletion { Session = key }, ct));
            if (plugin.SessionCleanup is { } data)
                await TryAsync(plugin, HostOperation.SessionDataDelete, "session-data", ct => data.DeleteSessionDataAsync(key, ct));
        }

        return failed.Count == 0 ? removals : throw Incomplete(key, failed);

        async ValueTask TryAsync(PluginInstance plugin, HostOperation operation, string kind, Func<CancellationToken, ValueTask<int>> delete)
        {
            try
            {
                var removed = await caller.CallAsync(
                    new PluginCall(plugin, operation) { Session = key },
                    delete,
                    static (call, ct) => call(ct),
                    static (_, count) => count,
                    CancellationToken.None);
                Removal.Add(removals, plugin.SourceId, kind, removed);
            }
            catch (PluginException e)
            {
                Log.DeleteFailed(logger, plugin.SourceId, LoggableError.From(e));
                failed.Add(e);
            }
        }
    }

    /// <summary>A store that names its trouble is unavailable for a while; anything else is an error of the plugin.</summary>
    private static ProblemException Incomplete(SessionKey key, List<PluginException> failed)
    {
        if (failed.TrueForAll(e => e.InnerException is StorageException))
        {
            var causes = string.Join(" ", failed.Select(StorageFailure.Describe).Distinct());
            return new ProblemException(ProblemTypes.StorageUnavailable, $"Not everything of session '{key.Id}' could be removed. {causes} Delete it again.")
            {
                RetryAfterSeconds = 1,
            };
        }

        var plugins = string.Join(", ", failed.Select(e => e.SourceId).Distinct());
        return new ProblemException(
            ProblemTypes.DeleteIncomplete, $"Not everything of session '{key.Id}' could be removed: {plugins} failed. Delete it again when the cause is gone.");
    }
}
