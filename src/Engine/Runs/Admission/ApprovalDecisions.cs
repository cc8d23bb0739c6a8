using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Calls;
using PluginHost.Engine.Chains;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Messages;
using PluginHost.Engine.Observation;
using PluginHost.Engine.Runs.Approvals;
using PluginHost.Engine.Runs.Execution;
using PluginHost.Engine.Runs.Journal;
using PluginHost.Engine.Runs.Live;
using PluginHost.Engine.Sessions.Store;
using PluginHost.Sdk;

namespace PluginHost.Engine.Runs.Admission;

/// <summary>
/// Decides on the calls of parked runs, and continues a run when all are decided. Each change is made inside of the session's gate, and in
/// one write to the journal. Thread-safe.
/// </summary>
internal sealed class ApprovalDecisions(SessionGate gate, LiveRuns live, ParkedRuns parked, RunContinuation continuation, PluginCaller caller, ILogger logger)
{
    /// <summary>What the model gets when a call was not decided in time.</summary>
    public const string NotInTime = "it was not approved in time.";

    /// <summary>Decides once.</summary>
    /// <exception cref="ProblemException">404; 409 when it is decided, expired, or for another call.</exception>
    public async ValueTask<FoundApproval> DecideAsync(ChainSet set, RunRecord run, ApprovalVerdict verdict)
    {
        var id = verdict.ApprovalId;
        if (RunParking.IsParked(run) || live.IsStranded(run))
        {
            var changed = await InGateAsync(set, run, async found =>
            {
                var approval = Find(found, id) ?? throw NotFound(id);
                if (approval.Decision is not null) return null;
                Check(approval, verdict);
                return await WriteAsync(set, found, [(approval, ToDecision(verdict))], mustHaveAgent: true);
            });
            if (changed is { Written: { } written }) return new FoundApproval(written, Find(written, id)!);
            // It was decided, or has ended meanwhile.
            run = changed?.Before ?? await set.Store.FindRunAsync(run.Session, run.Id, CancellationToken.None) ?? throw NotFound(id);
        }

        if (Find(run, id) is not { Decision: { } before } known) throw NotFound(id);
        var isSame = verdict.Key is not null && before.Key == verdict.Key && before.IsApproved == verdict.IsApproved && before.Reason == verdict.Reason;
        return isSame ? new FoundApproval(run, known) : throw Decided(id, before);
    }

    /// <summary>Refuses the calls of a run that were not decided in time. The run continues.</summary>
    /// <returns>The run as it continues; null when it does not.</returns>
    /// <exception cref="SessionStoreException">The store failed or took too long.</exception>
    public async ValueTask<RunHandle?> ExpireAsync(ChainSet set, SessionKey session, string runId)
    {
        if (await set.Store.FindRunAsync(session, runId, CancellationToken.None) is not { } run || !(RunParking.IsParked(run) || live.IsStranded(run))) return null;
        var changed = await InGateAsync(set, run, async found =>
        {
            var now = caller.Time.GetUtcNow();
            var refusal = new ApprovalDecision(IsApproved: false, NotInTime, now);
            var late = ApprovalContent.In(found.Output).Where(a => a.Decision is null && a.ExpiresAt <= now).Select(a => (a, refusal)).ToList();
            return late.Count == 0 ? null : await WriteAsync(set, found, late, mustHaveAgent: false);
        });
        return changed?.Continued;
    }

    public static ProblemException NotFound(string id) =>
        new(ProblemTypes.ApprovalNotFound, $"There is no approval '{id}', or its run has failed or was deleted.");

    private static Approval? Find(RunRecord run, string id) => ApprovalContent.In(run.Output).FirstOrDefault(a => a.Id == id);

    private static ProblemException Decided(string id, ApprovalDecision before) => new(
        ProblemTypes.ApprovalDecided, $"The approval '{id}' was {(before.IsApproved ? "given" : "refused")} at {before.At:O}{(before.By is null ? "" : $" by '{before.By}'")}. A decision is final.");

    private void Check(Approval approval, ApprovalVerdict verdict)
    {
        if (approval.ExpiresAt <= caller.Time.GetUtcNow())
            throw new ProblemException(ProblemTypes.ApprovalDecided, $"The approval '{approval.Id}' was not decided in time: it expired at {approval.ExpiresAt:O} (Sessions:ApprovalTimeout).");
        if (verdict.CallId is { } call && call != approval.Call.CallId)
            throw new ProblemException(ProblemTypes.ApprovalMismatch, $"The approval '{approval.Id}' is for the call '{approval.Call.CallId}', not '{call}'.");
        if (verdict.Arguments is not { } arguments) return;
        using var asked = JsonDocument.Parse(CallArguments.ToText(approval.Call));
        if (!JsonElement.DeepEquals(asked.RootElement, arguments))
            throw new ProblemException(ProblemTypes.ApprovalMismatch, $"The arguments are not those of the call that the approval '{approval.Id}' is for. Read them again: GET /v1/approvals/{approval.Id}.");
    }

    private ApprovalDecision ToDecision(ApprovalVerdict verdict) =>
        new(verdict.IsApproved, verdict.Reason, caller.Time.GetUtcNow()) { By = verdict.By, Key = verdict.Key };

    /// <summary>Writes decisions; the last ones let the run continue in the same write.</summary>
    private async ValueTask<RunRecord?> WriteAsync(ChainSet set, RunRecord run, List<(Approval Approval, ApprovalDecision Decision)> decisions, bool mustHaveAgent)
    {
        var isLast = ApprovalContent.In(run.Output).Count(a => a.Decision is null) == decisions.Count;
        if (isLast && set.Find(run.Agent) is null)
        {
            var gone = $"The agent '{run.Agent}' of run '{run.Id}' is not configured any more.";
            if (mustHaveAgent) throw new ProblemException(ProblemTypes.AgentNotFound, $"{gone} Put it back, or cancel the run.");
            var failed = run with { Status = RunStatus.Failed, CompletedAt = caller.Time.GetUtcNow(), Error = new RunError { Type = ErrorTypes.HostLost, Message = gone } };
            await RunAcceptance.SaveEndAsync(set.Store, failed, caller.Time);
            parked.Remove(run.Session, run.Id);
            foreach (var (_, decision) in decisions) Count(run, decision);
            caller.Observer.ReportEnd(ObservedRun.From(failed), failed);
            return null;
        }

        var next = await JournalAsync(set, run, decisions, isLast);
        foreach (var (approval, decision) in decisions)
        {
            Count(run, decision);
            Log.ApprovalDecided(logger, approval.Call.Name, run.Id, decision.IsApproved ? "approved" : "refused", decision.By ?? "the host", approval.Id);
        }

        return next;
    }

    private void Count(RunRecord run, ApprovalDecision decision) =>
        caller.Observer.DecideApproval(run.Agent, decision switch { { IsApproved: true } => "approved", { Reason: NotInTime } => "expired", _ => "refused" });

    private static async ValueTask<RunRecord> JournalAsync(ChainSet set, RunRecord run, List<(Approval Approval, ApprovalDecision Decision)> decisions, bool isLast)
    {
        var recorded = Read(run, await set.Store.ReadStepsAsync(run.Session, run.Id, CancellationToken.None));
        var update = new ChatResponseUpdate(ChatRole.Tool, [.. decisions.Select(d => ApprovalContent.Decide(d.Approval.Request, d.Decision))])
        {
            MessageId = $"{run.Id}.decision{recorded.Decisions.Count}",
            CreatedAt = decisions[0].Decision.At,
        };
        var next = run with
        {
            Status = isLast ? RunStatus.Running : RunStatus.RequiresAction,
            Output = [.. run.Output, new ChatMessage(ChatRole.Tool, update.Contents) { MessageId = update.MessageId, CreatedAt = update.CreatedAt }],
        };
        next = next with { Outline = isLast ? null : OutputOutline.Write([.. recorded.Delivered, update], next.Output) };
        List<ChatResponseUpdate> delivered = isLast ? [update] : [update, ParkedMark.Create()];
        var steps = decisions.Select(JournalEntry (d) => new JournalEntry.Decision(d.Approval.Id, d.Decision.IsApproved, d.Decision.Reason))
            .Append(new JournalEntry.Output(recorded.Delivered.Count, delivered));
        await set.Store.WriteAsync(
            new JournalWrite { Session = run.Session, RunId = run.Id, Run = next, FirstStep = recorded.Steps, Steps = [.. steps.Select(JournalDocument.Write)] },
            ObservedRun.From(run));
        return next;
    }

    private static RecordedRun Read(RunRecord run, IReadOnlyList<JournalStep> steps)
    {
        try
        {
            return RecordedRun.Read(steps);
        }
        catch (JournalException e)
        {
            throw new ProblemException(ProblemTypes.StorageUnavailable, $"Run '{run.Id}' cannot continue. {e.Message}");
        }
    }

    /// <summary>Changes a run that is parked, and continues it when it is not any more.</summary>
    /// <returns>Null when the run was not parked any more.</returns>
    private async ValueTask<Changed?> InGateAsync(ChainSet set, RunRecord run, Func<RunRecord, ValueTask<RunRecord?>> change)
    {
        if (live.IsStopping) throw RunAdmission.Stopping();
        Changed? changed = null;
        await gate.ChangeAsync(run.Session, async () =>
        {
            if (await set.Store.FindRunAsync(run.Session, run.Id, CancellationToken.None) is not { } found) return false;
            var isStranded = live.IsStranded(found);
            if (!isStranded && !RunParking.IsParked(found)) return false;
            changed = new Changed(found, isStranded ? null : await change(found), Continued: null);
            if ((isStranded ? found : changed.Written) is not { Status: RunStatus.Running } next) return false;
            parked.Remove(next.Session, next.Id);
            // A host that stops leaves it to the next process.
            changed = changed with { Continued = continuation.Continue(next) };
            return changed.Continued is not null;
        });
        return changed;
    }

    /// <param name="Before">The run as it was.</param>
    /// <param name="Written">The run as it was written; null when nothing was.</param>
    /// <param name="Continued">The run as it continues; null when it does not.</param>
    private sealed record Changed(RunRecord Before, RunRecord? Written, RunHandle? Continued);
}

/// <summary>An approval with its run.</summary>
internal sealed record FoundApproval(RunRecord Run, Approval Approval);

/// <summary>What an approver decides.</summary>
/// <param name="ApprovalId">The approval.</param>
/// <param name="IsApproved">Whether the call is made.</param>
/// <param name="Reason">The reason; null for none.</param>
internal sealed record ApprovalVerdict(string ApprovalId, bool IsApproved, string? Reason)
{
    /// <summary>The call that the approver saw; null to check nothing.</summary>
    public string? CallId { get; init; }

    /// <summary>The arguments that the approver saw; null to check nothing.</summary>
    public JsonElement? Arguments { get; init; }

    /// <summary>The name of the approver's key; null when it has none.</summary>
    public string? By { get; init; }

    /// <summary>The idempotency key of the request; null for none.</summary>
    public string? Key { get; init; }
}
