using System.Collections.ObjectModel;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Calls;
using PluginHost.Engine.Chains;
using PluginHost.Engine.Chains.Tools;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Observation;
using PluginHost.Engine.Runs.Transcripts;
using PluginHost.Engine.Sessions.Admin;
using PluginHost.Sdk;

namespace PluginHost.Engine.Runs.Execution;

/// <summary>Loads a run's session and refuses a run that would break it. Stateless.</summary>
internal sealed class SessionOpening(PluginCaller caller)
{
    /// <summary>How many messages of a session are read to find a window in them.</summary>
    private const int MinWindow = 20, MaxWindow = 500;

    private readonly OpenToolCalls _openCalls = new(caller);

    public static ProblemException NotLast(string run, SessionKey session) =>
        new(ProblemTypes.RunNotLast, $"Run '{run}' is not the last one of session '{session.Id}' any more. Fork the session at that run to continue from it.");

    /// <summary>Opens the session. Not under the run's token: the input of a run that is cancelled by now is stored.</summary>
    /// <exception cref="ProblemException">The run may not continue; nothing was changed.</exception>
    public async ValueTask OpenAsync(RunContext run)
    {
        var (command, key) = (run.Command, run.Record.Session);
        var record = command.Stateless ? null : await LoadAsync(run, key);
        if (command.AfterRun is { } after && record?.LastRunId != after && record?.LastRunId != run.Record.Id) throw NotLast(after, key);
        if (record is null && !command.CreateSession) throw ProblemException.SessionNotFound(key.Id);
        if (record is not null)
        {
            CheckService(record, run.Chain);
            CheckHistory(record, run.Chain);
        }

        run.SessionRecord = record;
        run.Session = View(key, record);
        (run.Input, run.Seen) = TranscriptMatcher.FindNew(command.Input, record?.Transcript, command.AcceptDiverged);
        if (record?.Transcript is not null && !command.AcceptDiverged && TranscriptMatcher.HasAnswer(run.Input))
        {
            var isWindow = ReferenceEquals(run.Input, command.Input);
            run.Input = isWindow && record.ServiceSessionId is null ? await SkipWindowAsync(run, record) : await SkipToResultsAsync(run, record, isWindow);
        }

        run.Handle.Input = run.Input;
        var open = await _openCalls.FindAsync(run);
        if (record?.ServiceSessionId is not null) run.OpenServiceCalls = open;
        if (record is not null || command.Stateless) return;
        // Last, so that nothing refuses the run after it has a reservation.
        await run.ReserveSessionAsync();
    }

    /// <summary>An input with answers in it that does not begin like the session may repeat its end. Only then the history is read.</summary>
    private async ValueTask<IReadOnlyList<ChatMessage>> SkipWindowAsync(RunContext run, SessionRecord record)
    {
        var input = run.Input;
        var query = new HistoryQuery { Session = record.Key, Order = ListOrder.Descending, Limit = Math.Clamp(2 * input.Count, MinWindow, MaxWindow) };
        var page = await HistoryReader.For(run.Set, record, caller).LoadAsync(query, CancellationToken.None);
        ChatMessage[] stored = [.. page.Items.Reverse().Where(m => m.Outcome != RunOutcome.Failed).Select(m => m.Message)];
        return TranscriptMatcher.FindBehindWindow(input, stored, ToolCallPairing.FindOpen(stored)) ?? input;
    }

    /// <summary>
    /// Behind what was said, a tool loop repeats its calls. Where the model's service keeps the conversation, a window has nothing else to
    /// compare.
    /// </summary>
    private static async ValueTask<IReadOnlyList<ChatMessage>> SkipToResultsAsync(RunContext run, SessionRecord record, bool isWindow)
    {
        if (TranscriptMatcher.FindBehindCall(run.Input, await OpenToolCalls.LastAsync(run.Set.Store, record)) is { Count: > 0 } results) return results;
        if (!isWindow) return run.Input;
        throw new ProblemException(
            ProblemTypes.TranscriptDiverged,
            "The model's service keeps the conversation of this session, so what is new in an input with answers in it is unknown. Send only the new messages, or use another session.");
    }

    private ValueTask<SessionRecord?> LoadAsync(RunContext run, SessionKey key) => caller.Observer.ObserveAsync(
        new ObservedOperation(HostOperation.SessionLoad) { Run = run.Observed, Plugin = run.Set.Store.Plugin.Observed },
        (run.Set.Store, key),
        static s => s.Store.FindAsync(s.key, CancellationToken.None),
        static (_, record) => new ObservedEnd { Restored = record is not null });

    /// <summary>What the chain sees of a session.</summary>
    public Session View(SessionKey key, SessionRecord? record) => record is null
        ? new Session(key) { IsNew = true, CreatedAt = caller.Time.GetUtcNow() }
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
        if (chain.Agent.ServiceSession == ServiceSessionMode.Auto && (record.ServiceClient ?? client) == client) return;
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
