using System.Text.Json.Nodes;
using PluginHost.Engine.Calls;
using PluginHost.Engine.Chains;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Observation;
using PluginHost.Engine.Plugins;
using PluginHost.Engine.Runs.Transcripts;
using PluginHost.Engine.Sessions.Store;
using PluginHost.Sdk;

namespace PluginHost.Engine.Sessions.Admin;

/// <summary>Creates and changes session records outside runs. The caller has entered the session's gate.</summary>
internal sealed class SessionWriter(PluginCaller caller)
{
    /// <summary>Creates a session with messages to begin with.</summary>
    /// <exception cref="ProblemException">409 when it exists; 413 when its state is too large.</exception>
    public async ValueTask<SessionRecord> CreateAsync(
        ChainSet set, SessionRecord record, IReadOnlyList<HistoryMessage> messages, CancellationToken cancellationToken)
    {
        StateJson.CheckSize(record.State, set.Settings.MaxStateBytes);
        return await CreateAsync(set, record.Key, () => CreateReservedAsync(set, record, messages, cancellationToken), cancellationToken);
    }

    private async ValueTask<SessionRecord> CreateReservedAsync(
        ChainSet set, SessionRecord record, IReadOnlyList<HistoryMessage> messages, CancellationToken cancellationToken)
    {
        if (messages.Count > 0)
        {
            var history = set.Chains[0].LoadingHistory;
            record = record with
            {
                History = history.SourceId,
                Transcript = Said(messages),
            };
            return await SaveWithAsync(set, record, null, history, messages, cancellationToken);
        }

        return await SaveAsync(set, new SessionSave { Session = record, ExpectedVersion = 0 });
    }

    /// <exception cref="ProblemException">404; 412; 413.</exception>
    public async ValueTask<SessionRecord> PatchAsync(
        ChainSet set, SessionKey key, JsonObject? metadata, JsonObject? state, long? ifVersion, CancellationToken cancellationToken)
    {
        var old = await set.Store.GetAsync(key, cancellationToken);
        if (ifVersion is { } version && version != old.Version)
            throw new ProblemException(ProblemTypes.VersionMismatch, $"Session '{key.Id}' has version {old.Version}, not {version}. Read it again and repeat the change.");
        var changed = old with
        {
            Version = old.Version + 1,
            UpdatedAt = caller.Time.GetUtcNow(),
            Metadata = metadata is null ? old.Metadata : StateJson.MergeMetadata(old.Metadata, metadata),
            State = state is null ? old.State : StateJson.Merge(old.State, state),
        };
        StateJson.CheckSize(changed.State, set.Settings.MaxStateBytes);
        return await SaveAsync(set, new SessionSave { Session = changed, ExpectedVersion = old.Version, Previous = old });
    }

    /// <exception cref="ProblemException">There is a session with this key.</exception>
    public static async ValueTask CheckNewAsync(ChainSet set, SessionKey key, CancellationToken cancellationToken)
    {
        if (await set.Store.FindAsync(key, cancellationToken) is not null) throw Exists(key);
    }

    /// <exception cref="ProblemException">There is a session with this key, or the tenant has as many as it may.</exception>
    private static async ValueTask<SessionRecord> CreateAsync(
        ChainSet set, SessionKey key, Func<ValueTask<SessionRecord>> create, CancellationToken cancellationToken)
    {
        await CheckNewAsync(set, key, cancellationToken);
        await set.Quota.ReserveAsync(key.Tenant, cancellationToken);
        try
        {
            return await create();
        }
        finally
        {
            set.Quota.Release(key.Tenant);
        }
    }

    /// <summary>The caller has entered the gates of both sessions.</summary>
    /// <exception cref="ProblemException">404 for the session or the run; 409 when the target exists.</exception>
    public async ValueTask<SessionRecord> ForkAsync(
        ChainSet set, SessionKey source, SessionKey target, string? upToRun, string? traceParent, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var old = await set.Store.GetAsync(source, cancellationToken);
        if (old.ServiceSessionId is not null)
            throw new ProblemException(ProblemTypes.ServiceSession, $"The history of session '{source.Id}' is kept by a service, so it cannot be forked here.");
        return await CreateAsync(set, target, () => ForkReservedAsync(set, old, target, upToRun, traceParent, now, cancellationToken), cancellationToken);
    }

    private async ValueTask<SessionRecord> ForkReservedAsync(
        ChainSet set, SessionRecord old, SessionKey target, string? upToRun, string? traceParent, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var source = old.Key;
        if (upToRun is not null)
        {
            if (await set.Store.FindRunAsync(source, upToRun, cancellationToken) is null) throw ProblemException.RunNotFound(upToRun);
        }

        var reader = HistoryReader.For(set, old, caller);
        var messages = await reader.LoadAllAsync(source, upToRun, cancellationToken);
        var record = new SessionRecord
        {
            Key = target,
            Version = 1,
            CreatedAt = now,
            UpdatedAt = now,
            Metadata = old.Metadata,
            // State has no history: a fork from an earlier run begins with the state of now.
            State = old.State,
            History = old.History,
            // Its first run continues from there.
            LastTraceParent = upToRun is null || upToRun == old.LastRunId ? old.LastTraceParent : traceParent,
            // What the caller has seen may differ from what is stored; of the whole session it is known.
            Transcript = upToRun is null || upToRun == old.LastRunId ? old.Transcript : Said(messages),
        };
        return await SaveWithAsync(set, record, null, reader.Plugin, messages, cancellationToken);
    }

    /// <summary>What a caller has seen who knows messages as they are stored.</summary>
    public static TranscriptMark? Said(IReadOnlyList<HistoryMessage> messages) =>
        TranscriptFingerprint.Empty.Continue([.. messages.Where(m => m.Origin != MessageOrigin.Context).Select(m => m.Message)], [], cancelled: false).ToMark();

    /// <summary>Messages that come from elsewhere belong to no run here, so that a retry of one cannot replace them.</summary>
    public async ValueTask<SessionRecord> SaveWithAsync(
        ChainSet set,
        SessionRecord record,
        SessionRecord? previous,
        PluginInstance history,
        IReadOnlyList<HistoryMessage> messages,
        CancellationToken cancellationToken)
    {
        var save = new SessionSave { Session = record, ExpectedVersion = previous?.Version ?? 0, Previous = previous };
        var appends = messages.Select(m => OutsideRuns(m, record.UpdatedAt)).Chunk(1000)
            .Select(group => new HistoryAppend { Session = record.Key, Messages = group, CreatedAt = record.UpdatedAt }).ToList();
        if (set.Store.Covers(history))
            return await SaveAsync(set, save with { Appends = [.. appends.Select(a => new CoveredAppend { History = history.History!, Append = a })] });

        var stored = new List<HistoryAppend>();
        try
        {
            foreach (var append in appends)
            {
                await caller.AppendAsync(new PluginCall(history, HostOperation.HistoryAppend) { Session = record.Key }, append, cancellationToken);
                stored.Add(append);
            }

            return await SaveAsync(set, save);
        }
        catch (Exception e) when (e is not ProblemException && stored.Count > 0)
        {
            await TakeBackAsync(history, record.Key, stored, e);
            throw;
        }
    }

    private static HistoryMessage OutsideRuns(HistoryMessage message, DateTimeOffset now) =>
        message with { RunId = null, Agent = null, Outcome = RunOutcome.Completed, ErrorType = null, CreatedAt = now };

    /// <summary>Removes messages whose session could not be saved: a retry has other ids for them and would store them twice.</summary>
    /// <exception cref="ProblemException">They could not be removed.</exception>
    private async ValueTask TakeBackAsync(PluginInstance history, SessionKey key, List<HistoryAppend> stored, Exception cause)
    {
        try
        {
            var ids = stored.SelectMany(a => a.Messages).Select(m => m.Id);
            await caller.DeleteAsync(new PluginCall(history, HostOperation.HistoryDelete) { Session = key }, new HistoryDeletion { Session = key, MessageIds = [.. ids] });
        }
        catch (PluginException)
        {
            throw new ProblemException(
                ProblemTypes.StorageUnavailable,
                $"{StorageFailure.Describe(cause)} The messages may be stored: '{history.SourceId}' could not remove them. Look at the session before you try again.");
        }
    }
    public async ValueTask<SessionRecord> SaveAsync(ChainSet set, SessionSave save)
    {
        var key = save.Session.Key;
        var isNew = save.ExpectedVersion == 0;
        try
        {
            await caller.Observer.ObserveAsync(
                new ObservedOperation(isNew ? HostOperation.SessionCreate : HostOperation.SessionSave) { Session = key, Plugin = set.Store.Plugin.Observed, Link = isNew ? save.Session.LastTraceParent : null },
                (set.Store, save),
                static s => s.Store.SaveAsync(s.save));
            return save.Session;
        }
        catch (SessionConflictException e)
        {
            throw isNew ? Exists(key) : new ProblemException(ProblemTypes.VersionConflict, e.Message);
        }
    }

    private static ProblemException Exists(SessionKey key) =>
        new(ProblemTypes.SessionExists, $"There is a session '{key.Id}' already. Choose another id, or leave it out.");
}
