using System.Collections.Concurrent;
using PluginHost.Engine.Errors;
using PluginHost.Sdk;

namespace PluginHost.Engine.Sessions.Migration;

/// <summary>Copies all sessions of all tenants from the stores of one configuration to those of another. No host may serve from either.</summary>
internal sealed class StoreMigration(MigrationSide from, MigrationSide to, MigrationProgress progress)
{
    // Stores commit those of several sessions together.
    private const int SessionsAtOnce = 8;

    // So many errors of a store are not those of single records.
    private const int MaxStoreFailures = 20;

    private readonly ConcurrentDictionary<SessionKey, string> _records = new();
    private int _storeFailures;

    /// <param name="overwrite">Whether sessions that the target has with other content are replaced.</param>
    /// <param name="cancellationToken">Ends the migration. A later one continues.</param>
    /// <exception cref="MigrationException">The configurations do not fit, a host serves, or a store fails again and again.</exception>
    /// <exception cref="SessionStoreException">A store failed.</exception>
    /// <exception cref="PluginException">A history failed.</exception>
    public async Task RunAsync(bool overwrite, CancellationToken cancellationToken)
    {
        var histories = HistoryPairs.Match(from.Plugins, to.Plugins);
        var self = new HostDescription
        {
            Id = Guid.CreateVersion7(to.Time.GetUtcNow()).ToString("N"),
            Name = "pluginhost migrate",
            Version = typeof(StoreMigration).Assembly.GetName().Version!.ToString(),
            StartedAt = to.Time.GetUtcNow(),
        };
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await using var source = new MigrationLease(from, self);
        await using var target = new MigrationLease(to, self);
        await source.TakeAsync(stopping.Cancel);
        await target.TakeAsync(stopping.Cancel);
        try
        {
            await SameDataCheck.RunAsync(from, to, histories, stopping.Token);
            await CountAsync(stopping.Token);
            await CopyAsync(new SessionCopy(from, to, histories, overwrite), stopping.Token);
            await CheckRecordsAsync(stopping.Token);
        }
        catch (OperationCanceledException) when ((source.Failure ?? target.Failure) is { } failure)
        {
            throw failure;
        }

        if ((source.Failure ?? target.Failure) is { } late) throw late;
        // A host may have started since the last renewal.
        await source.CheckAsync();
        await target.CheckAsync();
    }

    /// <summary>Counts the sessions that can be read. Lists leave out those that cannot.</summary>
    private async Task CountAsync(CancellationToken cancellationToken)
    {
        var counts = new Dictionary<string, long>(StringComparer.Ordinal);
        await foreach (var record in from.ReadSessionsAsync(cancellationToken)) counts[record.Key.Tenant] = counts.GetValueOrDefault(record.Key.Tenant) + 1;
        progress.Total = counts.Values.Sum();
        foreach (var (tenant, listed) in counts)
        {
            var stored = await from.Store.CountSessionsAsync(tenant, cancellationToken);
            if (stored > listed) progress.Fail($"{stored - listed} sessions of tenant '{tenant}' cannot be read in {from.Option}. Delete them, or restore a backup.");
        }
    }

    private async Task CopyAsync(SessionCopy copy, CancellationToken cancellationToken)
    {
        var options = new ParallelOptions { MaxDegreeOfParallelism = SessionsAtOnce, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(from.ReadSessionsAsync(cancellationToken), options, async (record, token) =>
        {
            try
            {
                var (digest, isCopied) = await copy.CopyAsync(record, token);
                _records[record.Key] = digest.Record;
                progress.Add(digest, isCopied);
            }
            catch (Exception e) when (e is MigrationException or SessionConflictException)
            {
                progress.Fail(record.Key, e.Message);
            }
            catch (Exception e) when (e is SessionStoreException or PluginException)
            {
                var cause = e.InnerException is StorageException inner ? inner : e;
                progress.Fail(record.Key, cause.Message);
                if (Interlocked.Increment(ref _storeFailures) >= MaxStoreFailures)
                    throw new MigrationException("The stores failed too often. Remove the cause, and start the command again: it copies the rest.");
            }
        });
    }

    /// <summary>Reads all records of the target once more, from its lists: a store may answer a query for one session from memory.</summary>
    private async Task CheckRecordsAsync(CancellationToken cancellationToken)
    {
        await foreach (var record in to.ReadSessionsAsync(cancellationToken))
        {
            if (_records.TryRemove(record.Key, out var expected) && SessionDigest.HashOf(record) != expected)
                progress.Fail(record.Key, $"Its record in {to.Option} differs from the source.");
        }

        foreach (var key in _records.Keys) progress.Fail(key, $"The list of {to.Option} does not have it.");
    }
}
