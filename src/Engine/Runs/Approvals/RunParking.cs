using Microsoft.Extensions.AI;
using PluginHost.Engine.Calls;
using PluginHost.Engine.Chains;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Messages;
using PluginHost.Engine.Runs.Journal;
using PluginHost.Engine.Runs.Live;
using PluginHost.Engine.Sessions.Store;
using PluginHost.Sdk;

namespace PluginHost.Engine.Runs.Approvals;

/// <summary>Parks a run whose calls need approvals, and keeps other runs off its session meanwhile. Thread-safe.</summary>
internal sealed class RunParking(ParkedRuns parked, PluginCaller caller, ILogger logger)
{
    /// <summary>Whether a run has not ended and waits for approvals.</summary>
    public static bool IsParked(RunRecord run) => run is { Status: RunStatus.RequiresAction, CompletedAt: null };

    /// <summary>When the calls of a parked run are refused; null for never.</summary>
    public static DateTimeOffset? ExpiryOf(RunRecord run) => ApprovalContent.In(run.Output).Where(a => a.Decision is null).Min(a => a.ExpiresAt);

    /// <summary>Writes the run to the journal, with what it asks for and what it has put out so far.</summary>
    /// <returns>The record of the parked run.</returns>
    /// <exception cref="SessionStoreException">The journal did not take it.</exception>
    public async ValueTask<RunRecord> ParkAsync(RunContext run)
    {
        var (journal, handle, now) = (run.Journal!, run.Handle, caller.Time.GetUtcNow());
        var expires = run.Set.Settings.ApprovalTimeout is { } timeout ? now + timeout : (DateTimeOffset?)null;
        await handle.Inbox.CloseForNowAsync();
        foreach (var request in run.Requests) ApprovalContent.SetTimes(request, now, expires);
        if (handle.Delivery.Delivered is null)
        {
            // The caller waits for the end and has got nothing; a later attempt continues from here all the same.
            foreach (var update in handle.Delivery.Updates) journal.AddDelivered(update);
            handle.Delivery.Delivered = journal.AddDelivered;
        }

        handle.Delivery.DeliverOwn(new ChatResponseUpdate(ChatRole.Assistant, [.. run.Requests])
        {
            MessageId = $"{run.Record.Id}.approval{run.AnswerNumber}",
            CreatedAt = now,
        });
        var record = Record(run);
        journal.AddDelivered(ParkedMark.Create());
        journal.SetRecord(record);
        journal.Add(new JournalEntry.Left());
        await journal.FlushAsync();
        await journal.CloseAsync();
        parked.Add(record.Session, new ParkedRun(record.Id, expires));
        Log.RunParked(logger, record.Id, record.Session.Id, string.Join(", ", run.Requests.Select(r => ((FunctionCallContent)r.ToolCall).Name)));
        return record;
    }

    /// <summary>The other run of a run's session that waits for approvals; null when none does.</summary>
    public async ValueTask<RunRecord?> FindOtherAsync(RunContext run)
    {
        var session = run.Record.Session;
        if (parked.IsComplete && parked.Find(session) is null) return null;
        return await FindAsync(run.Set.Store, session) is { } other && other.Id != run.Record.Id ? other : null;
    }

    /// <summary>Ends when a parked run does not wait any more, or when the run behind it is cancelled.</summary>
    /// <param name="run">The parked run.</param>
    /// <param name="cancellationToken">That of the run behind it.</param>
    public async Task WhenGoneAsync(RunRecord run, CancellationToken cancellationToken)
    {
        // One of an earlier process may not be known yet.
        if (parked.Find(run.Session) is null) parked.Add(run.Session, new ParkedRun(run.Id, ExpiryOf(run)));
        await parked.WhenGoneAsync(run.Session).WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>409, with what to do: a run could not see how the one that waits ends.</summary>
    public static ProblemException Pending(RunRecord parked)
    {
        var waiting = ApprovalContent.In(parked.Output).Where(a => a.Decision is null).Select(a => $"'{a.Id}' (tool '{a.Call.Name}')");
        return new ProblemException(
            ProblemTypes.ApprovalPending,
            $"Run '{parked.Id}' of session '{parked.Session.Id}' waits for the approval {string.Join(", ", waiting)}. Decide it (POST /v1/approvals/{{id}}), or cancel the run.");
    }

    /// <summary>The parked run of a session, as the store has it; null when there is none.</summary>
    private async ValueTask<RunRecord?> FindAsync(SessionStoreClient store, SessionKey session)
    {
        if (parked.Find(session) is { } known)
        {
            if (await store.FindRunAsync(session, known.RunId, CancellationToken.None) is { } run && IsParked(run)) return run;
            // Its session was deleted, and the id is used again.
            parked.Remove(session, known.RunId);
            return null;
        }

        if (parked.IsComplete || !store.HasJournal) return null;
        // It need not be the last run of its session: runs that waited behind it are newer.
        var query = new OpenRunQuery { Tenant = session.Tenant, Status = RunStatus.RequiresAction };
        while (true)
        {
            var page = await store.FindOpenRunsAsync(query, CancellationToken.None);
            if (page.Items.FirstOrDefault(r => r.Session == session) is { } found) return found;
            if (!page.HasMore || page.Items.Count == 0) return null;
            query = query with { After = RunPlace.From(page.Items[^1]) };
        }
    }

    private static RunRecord Record(RunContext run)
    {
        var updates = run.Handle.Delivery.Updates;
        var output = new RunResponse(updates, 0, updates.Count);
        var record = run.Record with
        {
            Status = RunStatus.RequiresAction,
            Output = output.Messages,
            Usage = output.Usage,
            Skipped = run.Skipped,
        };
        return record with { Outline = OutputOutline.Write(updates, record.Output) };
    }
}
