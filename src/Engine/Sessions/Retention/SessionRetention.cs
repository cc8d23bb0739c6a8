using PluginHost.Engine.Calls;
using PluginHost.Engine.Chains;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Runs.Live;
using PluginHost.Engine.Sessions.Admin;
using PluginHost.Engine.Sessions.Store;
using PluginHost.Sdk;

namespace PluginHost.Engine.Sessions.Retention;

/// <summary>
/// Deletes sessions that were idle for longer than configured, of every tenant and from every plugin, as a caller's delete
/// does. Remembers nothing: what one pass leaves, because it failed or the host stopped, the next one finds.
/// </summary>
internal sealed class SessionRetention(ChainHolder chains, SessionGate gate, LiveRuns live, PluginCaller caller, ILogger<SessionRetention> logger)
{
    // Deletions that a store makes durable together take less of its time.
    private const int Concurrent = 32;

    private static readonly TimeSpan MaxPause = TimeSpan.FromSeconds(1);

    private readonly SessionDeletion _deletion = new(caller, logger);
    private readonly RetentionClock _clock = new(caller.Time, logger);

    /// <summary>Deletes all sessions that are idle now, batch by batch, by the current settings.</summary>
    public async Task PassAsync(CancellationToken cancellationToken)
    {
        SessionKey? passed = null;
        var started = caller.Time.GetTimestamp();
        while (await BatchAsync(passed, cancellationToken) is { HasMore: true } batch)
        {
            // Those that stay come before the others in the list.
            passed = batch.LastKept ?? passed;
            // Runs must not wait for the disk behind all deletions.
            var pause = caller.Time.GetElapsedTime(started) * 2;
            await Task.Delay(pause < MaxPause ? pause : MaxPause, caller.Time, cancellationToken);
            started = caller.Time.GetTimestamp();
        }
    }

    private async ValueTask<RetentionBatch?> BatchAsync(SessionKey? passed, CancellationToken cancellationToken)
    {
        var set = chains.Lease();
        try
        {
            if (set.Settings.Retention is not { IdleFor: { } idleFor } settings) return null;
            var since = _clock.GetNow() - idleFor;
            var query = new SessionQuery { Tenant = passed?.Tenant ?? "", AllTenants = true, IdleSince = since, After = passed?.Id, Limit = settings.BatchSize };
            var page = await set.Store.FindSessionsAsync(query, cancellationToken);
            var batch = new RetentionBatch(since, page.Items) { HasMore = page is { HasMore: true, Items.Count: > 0 } };
            var options = new ParallelOptions { MaxDegreeOfParallelism = Concurrent, CancellationToken = cancellationToken };
            await Parallel.ForEachAsync(page.Items, options, async (session, _) => await DeleteAsync(set, session.Key, batch));
            batch.Report(logger);
            return batch;
        }
        finally
        {
            set.Release();
        }
    }

    /// <summary>Whether the last run has not ended, such as one that waits for an approval. The session is saved when it ends.</summary>
    private static async ValueTask<bool> HasOpenRunAsync(ChainSet set, SessionKey key, DateTimeOffset since)
    {
        var page = await set.Store.FindRunsAsync(
            new RunQuery { Tenant = key.Tenant, SessionId = key.Id, Limit = 1, Order = ListOrder.Descending }, CancellationToken.None);
        return page.Items.Any(r => r.CompletedAt is null && r.CreatedAt >= since);
    }

    private async ValueTask<bool> TryEnterAsync(SessionKey key, RetentionBatch batch)
    {
        try
        {
            if (await gate.TryEnterAsync(key)) return true;
            batch.InUse(key);
        }
        catch (SessionElsewhereException)
        {
            batch.InUse(key);
        }
        catch (SessionStoreException e)
        {
            batch.Fail(key, e);
        }

        return false;
    }

    private async ValueTask DeleteAsync(ChainSet set, SessionKey key, RetentionBatch batch)
    {
        if (!await TryEnterAsync(key, batch)) return;
        try
        {
            // It may have been used between the search and now, or a run may be about to come in.
            var record = await set.Store.FindAsync(key, CancellationToken.None);
            if (record is null) return;
            if (record.UpdatedAt >= batch.Since || live.InSession(key).Any(r => !r.Completion.IsCompleted) || await HasOpenRunAsync(set, key, batch.Since))
            {
                batch.InUse(key);
                return;
            }

            await _deletion.DeleteAsync(set, key);
            live.Forget(key);
            batch.Delete();
        }
        catch (Exception e)
        {
            batch.Fail(key, e);
        }
        finally
        {
            gate.Exit(key);
        }
    }
}
