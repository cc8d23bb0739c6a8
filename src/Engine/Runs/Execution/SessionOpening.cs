using System.Collections.ObjectModel;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Calls;
using PluginHost.Engine.Chains;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Observation;
using PluginHost.Engine.Runs.Admission;
using PluginHost.Engine.Runs.Transcripts;
using PluginHost.Engine.Sessions.Admin;
using PluginHost.Engine.Sessions.Store;
using PluginHost.Sdk;

namespace PluginHost.Engine.Runs.Execution;

/// <summary>A session that a run may go on with.</summary>
/// <param name="Record">The stored record; null when the session is new.</param>
/// <param name="Session">What the chain sees.</param>
/// <param name="Input">What is new in the caller's input.</param>
/// <param name="Seen">What the caller has seen before that.</param>
/// <param name="OpenServiceCalls">Calls of the caller's tools whose results the service waits for.</param>
/// <param name="HasRoom">Whether the run creates the session, and so has a place in <see cref="ChainSet.Rooms"/> until it has ended.</param>
internal sealed record OpenedSession(
    SessionRecord? Record, Session Session, IReadOnlyList<ChatMessage> Input, TranscriptFingerprint Seen, IReadOnlyList<string> OpenServiceCalls, bool HasRoom);

/// <summary>Loads a run's session and refuses what would break it. Stateless.</summary>
internal sealed class SessionOpening(PluginCaller calls)
{
    private readonly OpenToolCalls _openCalls = new(calls);

    public static ProblemException NotLast(string run, SessionKey session) =>
        new(ProblemTypes.RunNotLast, $"Run '{run}' is not the last one of session '{session.Id}' any more. Fork the session at that run to go on from it.");

    /// <exception cref="ProblemException">The run may not go on; nothing was changed.</exception>
    public async ValueTask<OpenedSession> OpenAsync(RunStart start, ChainSet set, ObservedRun? observed, CancellationToken cancellationToken)
    {
        var key = start.Handle.Record.Session;
        var command = start.Command;
        var record = command.Stateless ? null : await LoadAsync(set.Store, key, observed, cancellationToken);
        if (command.AfterRun is { } after && record?.LastRunId != after && record?.LastRunId != start.Handle.Record.Id) throw NotLast(after, key);
        if (record is null && !command.CreateSession) throw ProblemException.SessionNotFound(key.Id);
        if (record is not null)
        {
            CheckService(record, start.Chain);
            CheckHistory(record, start.Chain);
        }

        var (input, seen) = TranscriptMatcher.FindNew(command.Input, record?.Transcript, command.AcceptDiverged);
        var open = await _openCalls.FindAsync(set, record, command, input, cancellationToken);
        // Last, so that nothing refuses the run after it has taken a place.
        var isCreated = record is null && !command.Stateless;
        if (isCreated) await SessionLimits.EnterRoomAsync(set, key.Tenant, cancellationToken);
        return new OpenedSession(record, View(key, record), input, seen, record?.ServiceSessionId is null ? [] : open, isCreated);
    }

    private async ValueTask<SessionRecord?> LoadAsync(
        ISessionStore store, SessionKey key, ObservedRun? observed, CancellationToken cancellationToken)
    {
        if (observed is null) return await SessionLookup.FindAsync(store, key, cancellationToken);
        var operation = new ObservedOperation(HostOperation.SessionLoad) { Run = observed };
        var token = calls.Observer.Begin(operation);
        try
        {
            var record = await SessionLookup.FindAsync(store, key, cancellationToken);
            calls.Observer.End(token, operation, new ObservedEnd { Restored = record is not null });
            return record;
        }
        catch (Exception e)
        {
            calls.Observer.End(token, operation, PluginCaller.Failure(e));
            throw;
        }
    }

    private Session View(SessionKey key, SessionRecord? record) => record is null
        ? new Session(key) { IsNew = true, CreatedAt = calls.Time.GetUtcNow() }
        : new Session(key, record.State)
        {
            IsNew = record.LastRunId is null,
            CreatedAt = record.CreatedAt,
            ServiceSessionId = record.ServiceSessionId,
            Metadata = ReadOnly(record.Metadata),
        };

    /// <summary>The record may be the one that a store keeps in memory.</summary>
    private static ReadOnlyDictionary<string, string> ReadOnly(IReadOnlyDictionary<string, string> metadata) => metadata switch
    {
        ReadOnlyDictionary<string, string> unchangeable => unchangeable,
        { Count: 0 } => ReadOnlyDictionary<string, string>.Empty,
        _ => new ReadOnlyDictionary<string, string>(metadata as IDictionary<string, string> ?? new Dictionary<string, string>(metadata)),
    };

    private static void CheckService(SessionRecord record, Chain chain)
    {
        if (record.ServiceSessionId is null) return;
        var client = chain.Agent.Model.Client;
        if (chain.Agent.UseServiceSession && (record.ServiceClient ?? client) == client) return;
        throw new ProblemException(
            ProblemTypes.ServiceSessionMismatch,
            $"The history of session '{record.Key.Id}' is kept by the service behind '{record.ServiceClient}', which agent '{chain.Agent.Name}' does not use. Run an agent with that client, or begin a new session.");
    }

    private static void CheckHistory(SessionRecord record, Chain chain)
    {
        if (record.ServiceSessionId is not null || record.History is null || record.History == chain.LoadingHistory.SourceId) return;
        throw new ProblemException(
            ProblemTypes.HistoryChanged,
            $"The messages of session '{record.Key.Id}' are in the history '{record.History}', but agent '{chain.Agent.Name}' loads from '{chain.LoadingHistory.SourceId}' and would see none of them. Put '{record.History}' back into its chain, or begin a new session.");
    }
}
