using System.Diagnostics;
using PluginHost.Sdk;

namespace PluginHost.Postgres;

/// <summary>
/// Writes saves of several sessions in one transaction, which shares its round trip and its flush to disk. Saves that come while others are written wait and make the
/// next group; one that comes alone is written at once. Thread-safe.
/// </summary>
internal sealed class SaveGroups(Database database)
{
    private const int MaxSaves = 64;

    /// <summary>A second group begins beside one that is on its way when it would have at least so many saves: fewer cost more in two transactions than in one.</summary>
    private const int Enough = 16;
    private const int MaxAtOnce = 2;

    /// <summary>How many groups may be slow at most until others wait for them. They keep connections that other calls need.</summary>
    private const int MaxSlow = 8;

    /// <summary>A group that takes longer is slow: its connection hangs, or its server.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly LinkedList<WaitingSave> _waiting = new();
    private readonly int _maxSlow = MaxSlowOf(database.MaxConnections);
    private int _writers;
    private int _slow;
    private long _stored;

    /// <summary>The number of saves that were stored in groups.</summary>
    public long Stored => Volatile.Read(ref _stored);

    /// <summary>How many groups may be slow until others wait for them: with those that are written, they keep no more than half of the connections.</summary>
    /// <param name="connections">How many connections there may be.</param>
    public static int MaxSlowOf(int connections) => Math.Clamp((connections / 2) - MaxAtOnce, 0, MaxSlow);

    /// <summary>Writes a save.</summary>
    /// <param name="save">The save.</param>
    /// <param name="cancellationToken">Cancels the save while it waits.</param>
    /// <returns>What is known of it. Unless it is stored, it has to be written alone, which finds the cause.</returns>
    /// <exception cref="PostgresStoreException">The server cannot be reached. Nothing was sent.</exception>
    public async ValueTask<SaveOutcome> WriteAsync(WaitingSave save, CancellationToken cancellationToken)
    {
        using var span = database.StartSpan("save", SaveGroupStatements.Count);
        bool isNew;
        lock (_lock)
        {
            _waiting.AddLast(save);
            isNew = _writers == 0 || (_writers < MaxAtOnce && _waiting.Count >= Enough);
            if (isNew) _writers++;
        }

        if (isNew)
        {
            // Later groups belong to no trace of this run.
            using (ExecutionContext.IsFlowSuppressed() ? default(AsyncFlowControl?) : ExecutionContext.SuppressFlow()) _ = RunAsync();
        }

        await using var registration = cancellationToken.UnsafeRegister(static (state, token) => ((WaitingSave)state!).Cancel(token), save);
        var outcome = await save.Outcome;
        if (outcome != SaveOutcome.Stored) span?.SetStatus(ActivityStatusCode.Error);
        return outcome;
    }

    private async Task RunAsync()
    {
        while (Take() is { Count: > 0 } group)
        {
            var write = WriteGroupAsync(group);
            var isReplaced = !await EndsSoonAsync(write) && TryReplace();
            await write;
            if (!isReplaced) continue;
            lock (_lock) _slow--;
            return;
        }
    }

    /// <summary>Never throws.</summary>
    private async Task WriteGroupAsync(List<WaitingSave> group)
    {
        try
        {
            var (stored, others) = await database.WriteGroupAsync(group);
            Interlocked.Add(ref _stored, stored.Count);
            for (var i = 0; i < group.Count; i++) group[i].End(stored.Contains(i) ? SaveOutcome.Stored : others);
        }
        catch (Exception e)
        {
            foreach (var save in group) save.Fail(e);
        }
    }

    private async ValueTask<bool> EndsSoonAsync(Task write)
    {
        try
        {
            await write.WaitAsync(Patience, database.Time);
            return true;
        }
        catch (TimeoutException)
        {
            return write.IsCompleted;
        }
    }

    /// <summary>Lets another writer continue in place of one whose group is slow.</summary>
    private bool TryReplace()
    {
        lock (_lock)
        {
            if (_slow >= _maxSlow) return false;
            _slow++;
        }

        _ = RunAsync();
        return true;
    }

    /// <returns>The next group; an empty one when this writer ends.</returns>
    private List<WaitingSave> Take()
    {
        var (group, sessions, bytes) = (new List<WaitingSave>(), new HashSet<SessionKey>(), 0L);
        lock (_lock)
        {
            for (var node = _waiting.First; node is not null && group.Count < MaxSaves && bytes < WaitingSave.MaxBytes;)
            {
                var (save, next) = (node.Value, node.Next);
                // What a group writes is found by its sessions, so each is in it once.
                if (!sessions.Contains(save.Key))
                {
                    _waiting.Remove(node);
                    if (save.TryStart())
                    {
                        sessions.Add(save.Key);
                        group.Add(save);
                        bytes += save.Bytes;
                    }
                }

                node = next;
            }

            if (group.Count == 0) _writers--;
        }

        return group;
    }
}

/// <summary>What is known of a save that was written with others.</summary>
internal enum SaveOutcome
{
    /// <summary>It is stored.</summary>
    Stored,

    /// <summary>It is not stored.</summary>
    NotStored,

    /// <summary>It was sent, and may be stored.</summary>
    Unknown,
}
