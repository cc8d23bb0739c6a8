using PluginHost.Engine.Calls;
using PluginHost.Engine.Chains;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Observation;
using PluginHost.Engine.Plugins;
using PluginHost.Engine.Sessions.Store;
using PluginHost.Sdk;

namespace PluginHost.Engine.Sessions.Admin;

/// <summary>Removes a session from every plugin of every chain, then from the store. The caller has entered the session's gate.</summary>
internal sealed class SessionDeletion(PluginCaller calls, ILogger logger)
{
    /// <returns>What each plugin removed, in chain order; the store last.</returns>
    /// <exception cref="ProblemException">500 when a plugin failed: then the record stays, so that deleting can be repeated.</exception>
    public async ValueTask<IReadOnlyList<Removal>> DeleteAsync(ChainSet set, SessionKey key)
    {
        var operation = new ObservedOperation(HostOperation.SessionDelete) { Session = key };
        var token = calls.Observer.IsEnabled ? calls.Observer.Begin(operation) : null;
        try
        {
            var removals = await DeleteFromPluginsAsync(set, key);
            removals.Add(new Removal(set.StoreName, "session-store", await set.Store.DeleteAsync(key, CancellationToken.None)));
            if (calls.Observer.IsEnabled) calls.Observer.End(token, operation, default);
            return removals;
        }
        catch (Exception e)
        {
            if (calls.Observer.IsEnabled) calls.Observer.End(token, operation, PluginCaller.Failure(e));
            throw;
        }
    }

    private async ValueTask<List<Removal>> DeleteFromPluginsAsync(ChainSet set, SessionKey key)
    {
        var removals = new List<Removal>();
        var failed = new List<string>();
        foreach (var plugin in set.Chains.SelectMany(c => c.Plugins))
        {
            if (plugin.History is { } history)
                await TryAsync(plugin, HostOperation.HistoryDelete, "history-provider", ct => history.DeleteAsync(key, null, ct));
            if (plugin.SessionData is { } data)
                await TryAsync(plugin, HostOperation.SessionDataDelete, "session-data", ct => data.DeleteSessionDataAsync(key, ct));
        }

        if (failed.Count == 0) return removals;
        throw new ProblemException(
            ProblemTypes.DeleteIncomplete, $"Not everything of session '{key.Id}' could be removed: {string.Join(", ", failed)} failed. Delete it again when the cause is gone.");

        async ValueTask TryAsync(PluginInstance plugin, HostOperation operation, string kind, Func<CancellationToken, ValueTask<int>> delete)
        {
            try
            {
                var removed = await calls.CallAsync(
                    new ObservedOperation(operation) { Plugin = plugin, Session = key },
                    delete,
                    static (call, ct) => call(ct),
                    static (_, count) => count,
                    CancellationToken.None);
                Add(plugin.SourceId, kind, removed);
            }
            catch (PluginException e)
            {
                Log.DeleteFailed(logger, plugin.SourceId, LoggableError.Of(e));
                if (!failed.Contains(plugin.SourceId)) failed.Add(plugin.SourceId);
            }
        }

        // Agents may share a history: one line for it.
        void Add(string plugin, string kind, int removed)
        {
            var index = removals.FindIndex(r => r.Plugin == plugin && r.Kind == kind);
            if (index < 0) removals.Add(new Removal(plugin, kind, removed));
            else removals[index] = removals[index] with { Removed = removals[index].Removed + removed };
        }
    }
}
