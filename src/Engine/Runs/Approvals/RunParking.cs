using Microsoft.Extensions.AI;
using PluginHost.Engine.Calls;
using PluginHost.Engine.Chains;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Messages;
using PluginHost.Engine.Runs.Journal;
using PluginHost.Engine.Runs.Live;
using PluginHost.Sdk;

namespace PluginHost.Engine.Runs.Approvals;

/// <summary>Parks a run whose calls need approvals. Thread-safe.</summary>
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
