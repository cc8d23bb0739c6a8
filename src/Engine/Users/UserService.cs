using PluginHost.Engine.Calls;
using PluginHost.Engine.Chains;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Observation;
using PluginHost.Engine.Runs.Live;
using PluginHost.Engine.Sessions.Store;
using PluginHost.Sdk;

namespace PluginHost.Engine.Users;

/// <summary>Reads and deletes what plugins keep of a user beyond sessions. Thread-safe.</summary>
internal sealed class UserService(ChainHolder chains, LiveRuns live, PluginCaller caller, ILogger<UserService> logger)
{
    /// <returns>What each plugin keeps, in the order of their start. Instances of a plugin that keep the same are one.</returns>
    /// <exception cref="ProblemException">A plugin failed.</exception>
    public async ValueTask<IReadOnlyList<KeptUserData>> ReadAsync(UserKey user, CancellationToken cancellationToken)
    {
        var kept = new List<KeptUserData>();
        var failed = await CallEachAsync(
            HostOperation.UserDataRead,
            (data, ct) => data.ReadUserDataAsync(user, ct),
            static items => items.Count,
            (plugin, items) =>
            {
                var found = new KeptUserData(plugin, items);
                if (!kept.Exists(found.IsSame)) kept.Add(found);
            },
            cancellationToken);
        return failed.Count == 0 ? kept : throw Incomplete(failed, ProblemTypes.InternalError, "Not everything that is kept of the user could be read.", "Read it again.");
    }

    /// <summary>Cancels the user's runs on this host and waits for them, then deletes what each plugin keeps.</summary>
    /// <returns>What each plugin removed, in the order of their start.</returns>
    /// <exception cref="ProblemException">A plugin failed. The others have deleted their parts, and the deletion can be repeated.</exception>
    public async ValueTask<IReadOnlyList<Removal>> DeleteAsync(UserKey user, CancellationToken cancellationToken)
    {
        var running = live.InProgress().Where(r => r.User == user.Name && r.Record.Session.Tenant == user.Tenant).ToList();
        foreach (var run in running) run.Cancel();
        await Task.WhenAll(running.Select(r => r.Completion)).WaitAsync(cancellationToken);
        var removals = new List<Removal>();
        var failed = await CallEachAsync(
            HostOperation.UserDataDelete,
            (data, ct) => data.DeleteUserDataAsync(user, ct),
            static count => count,
            (plugin, count) => Removal.Add(removals, plugin, "user-data", count),
            // A deletion that has begun does not depend on its caller's connection.
            CancellationToken.None);
        if (failed.Count == 0) return removals;
        var removed = removals.Count == 0 ? "Nothing was removed" : $"Removed: {string.Join(", ", removals.Select(r => $"{r.Removed} from {r.Plugin}"))}";
        throw Incomplete(failed, ProblemTypes.DeleteIncomplete, $"Not everything of the user could be removed. {removed}.", "Delete it again.");
    }

    /// <summary>Calls each plugin that keeps data of users, also after one that failed.</summary>
    /// <returns>What failed.</returns>
    private async ValueTask<IReadOnlyList<PluginException>> CallEachAsync<T>(
        HostOperation operation, Func<IUserData, CancellationToken, ValueTask<T>> call, Func<T, int> count, Action<string, T> add, CancellationToken cancellationToken)
    {
        var failed = new List<PluginException>();
        var set = chains.Lease();
        try
        {
            foreach (var plugin in set.Plugins)
            {
                if (plugin.UserData is not { } data) continue;
                try
                {
                    var result = await caller.CallAsync(
                        new PluginCall(plugin, operation), (call, data), static (s, ct) => s.call(s.data, ct), (_, result) => count(result), cancellationToken);
                    add(plugin.Entry.Plugin, result);
                }
                catch (PluginException e)
                {
                    Log.UserCallFailed(logger, plugin.SourceId, LoggableError.From(e));
                    failed.Add(e);
                }
            }
        }
        finally
        {
            set.Release();
        }

        return failed;
    }

    /// <summary>Plugins that name their trouble are unavailable for a while; anything else is an error of a plugin.</summary>
    private static ProblemException Incomplete(IReadOnlyList<PluginException> failed, ProblemType type, string what, string cure)
    {
        var isStorage = failed.All(e => e.InnerException is StorageException);
        var plugins = failed.DistinctBy(e => e.SourceId).ToList();
        var causes = isStorage ? string.Join(" ", plugins.Select(StorageFailure.Describe)) : $"The log has the cause of {string.Join(", ", plugins.Select(e => e.SourceId))}.";
        return new ProblemException(isStorage ? ProblemTypes.StorageUnavailable : type, $"{what} {causes} {cure}")
        {
            Errors = [.. plugins.Select(e => new ProblemError(e.SourceId, e.InnerException is StorageException ? StorageFailure.Describe(e) : "failed"))],
            RetryAfterSeconds = isStorage ? 1 : null,
        };
    }
}
