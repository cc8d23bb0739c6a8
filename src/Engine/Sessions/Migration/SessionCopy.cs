using PluginHost.Engine.Plugins;
using PluginHost.Sdk;

namespace PluginHost.Engine.Sessions.Migration;

/// <summary>Copies sessions one by one, and compares each copy with its source. Thread-safe for different sessions.</summary>
internal sealed class SessionCopy(MigrationSide from, MigrationSide to, HistoryPairs histories, bool overwrite)
{
    private readonly PluginInstance[] _sources = [.. histories.Sources];
    private readonly PluginInstance[] _targets = [.. histories.Targets];

    /// <returns>What the session holds, and whether it was copied: the target may have had it.</returns>
    /// <exception cref="MigrationException">The target has the session with other content, or the copy differs.</exception>
    public async ValueTask<(SessionDigest Digest, bool IsCopied)> CopyAsync(SessionRecord source, CancellationToken cancellationToken)
    {
        if (SessionWrite.IsUnfinished(source)) throw new MigrationException("It is the unfinished copy of an interrupted migration into this store. Complete that migration first.");
        var record = histories.Translate(source);
        var expected = await SessionDigest.ReadAsync(from, record, _sources, cancellationToken);
        if (expected.OpenRuns > 0 && !to.Store.HasJournal)
            throw new MigrationException($"It has {expected.OpenRuns} open runs, and the session store of {to.Option} cannot keep those. Let them end on a host of {from.Option}.");
        if (!await MakeRoomAsync(record.Key, expected, cancellationToken)) return (expected, false);
        await WriteAsync(record, expected, cancellationToken);
        var copied = await to.Store.FindAsync(record.Key, cancellationToken) is { } stored
            ? await SessionDigest.ReadAsync(to, stored, _targets, cancellationToken)
            : null;
        return copied == expected
            ? (expected, true)
            : throw new MigrationException($"The copy differs from the source: {(copied is null ? "it is missing" : $"{copied}")}; the source has {expected}.");
    }

    /// <summary>Removes an interrupted copy, or what is to be overwritten.</summary>
    /// <returns>Whether the session is to be copied; false when the target has it.</returns>
    private async ValueTask<bool> MakeRoomAsync(SessionKey key, SessionDigest expected, CancellationToken cancellationToken)
    {
        var stored = await to.Store.FindAsync(key, cancellationToken);
        if (stored is null && !await HasMessagesAsync(key, cancellationToken)) return true;
        if (stored is null || !SessionWrite.IsUnfinished(stored))
        {
            var found = stored is null ? null : await SessionDigest.ReadAsync(to, stored, _targets, cancellationToken);
            if (found == expected) return false;
            if (!overwrite)
                throw new MigrationException($"{to.Option} has it with other content: {(found is null ? "messages without a session" : $"{found}")}; {from.Option} has {expected}. --overwrite replaces it.");
        }

        await to.RemoveAsync(_targets, key);
        return true;
    }

    private async ValueTask<bool> HasMessagesAsync(SessionKey key, CancellationToken cancellationToken)
    {
        foreach (var history in _targets)
        {
            if (await to.HasMessagesAsync(history, key, cancellationToken)) return true;
        }

        return false;
    }

    private async ValueTask WriteAsync(SessionRecord record, SessionDigest digest, CancellationToken cancellationToken)
    {
        var write = new SessionWrite(to, record, digest.Runs);
        if (digest.Runs < 2) await write.SaveAsync(run: null);
        var attempts = new Dictionary<string, int>(StringComparer.Ordinal);
        var open = new List<RunRecord>();
        RunRecord? last = null;
        await foreach (var run in from.ReadRunsAsync(record.Key, cancellationToken))
        {
            if (run.Attempt > 1) attempts[run.Id] = run.Attempt;
            if (SessionDigest.IsOpen(run))
            {
                open.Add(run);
                continue;
            }

            if (last is not null) await write.SaveAsync(last);
            last = run;
        }

        foreach (var (source, target) in histories.All)
            await new MessageCopy(to, target, record.Key, attempts).CopyAsync(from.ReadMessagesAsync(source, record.Key, cancellationToken), cancellationToken);
        foreach (var run in open) await write.WriteOpenRunAsync(run, await from.Store.ReadStepsAsync(record.Key, run.Id, cancellationToken));
        await write.CompleteAsync(last);
    }
}
