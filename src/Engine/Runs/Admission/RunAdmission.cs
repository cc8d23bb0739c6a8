using PluginHost.Engine.Chains;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Observation;
using PluginHost.Engine.Runs.Journal;
using PluginHost.Engine.Runs.Live;
using PluginHost.Engine.Sessions.Store;
using PluginHost.Sdk;

namespace PluginHost.Engine.Runs.Admission;

/// <summary>Decides what a command is: a new run, a retry of a failed one, or a run that exists already. Thread-safe.</summary>
internal sealed class RunAdmission(LiveRuns live, RunSteering steering, SessionClaims claims, TimeProvider time, ILogger logger)
{
    /// <summary>How many runs of a session are read to find the one that a repeated request has steered.</summary>
    private const int SteeredLimit = 20;

    /// <summary>The run that a command means: a new one, or the one that exists under its idempotency key.</summary>
    public async ValueTask<AdmittedRun> AdmitAsync(ChainSet set, Chain chain, RunCommand command, CancellationToken cancellationToken)
    {
        if (command.IdempotencyKey is null) return await TrySteerAsync(set, chain, command) ?? Begin(set, chain, command, previous: null, expired: null);
        using var claim = await live.ClaimAsync(command.Tenant, command.IdempotencyKey, cancellationToken);
        // A failed run begins again, from what the store knows of it.
        if (claim.Running is { Record.Status: not RunStatus.Failed } running) return await JoinAsync(running, command);

        var previous = await FindByKeyAsync(set, command, cancellationToken);
        if (previous is not null && IsExpired(previous, set)) return Begin(set, chain, command, previous: null, expired: previous);
        if (claims.Source is not null && previous is { CompletedAt: null, Status: not RunStatus.RequiresAction })
        {
            // Another host has the run, or has left it: then the claim takes it over.
            await claims.EnsureAsync(previous.Session);
            if (live.Find(previous.Session, previous.Id) is { Completion.IsCompleted: false } taken) return await JoinAsync(taken, command);
            previous = await FindByKeyAsync(set, command, cancellationToken);
        }

        var isLost = previous is { CompletedAt: null, Status: not RunStatus.RequiresAction };
        if (isLost || previous is null or { Status: RunStatus.Failed })
        {
            if (previous is null && (await FindSteeredAsync(set, command, cancellationToken) ?? await TrySteerAsync(set, chain, command)) is { } steered) return steered;
            if (previous is not null) RunCommandCheck.SameRequest(previous, command);
            var journal = isLost ? await ResumeAsync(set, previous!, cancellationToken) : null;
            return Begin(set, chain, command, previous, expired: null, journal);
        }

        // With its events, as long as they are kept.
        return await JoinAsync(live.Find(previous.Session, previous.Id) ?? RunHandle.FromEnded(previous), command);
    }

    public static ProblemException Stopping() =>
        new(ProblemTypes.ShuttingDown, "The host is shutting down. Try again on the next one.") { RetryAfterSeconds = 5 };

    /// <summary>Only a run that has ended: one that waits for days is the same run still.</summary>
    private bool IsExpired(RunRecord run, ChainSet set) =>
        run.CompletedAt is { } ended && time.GetUtcNow() - ended > set.Settings.IdempotencyKeyLifetime;

    private static async ValueTask<RunRecord?> FindByKeyAsync(ChainSet set, RunCommand command, CancellationToken cancellationToken)
    {
        var page = await set.Store.FindRunsAsync(
            new RunQuery { Tenant = command.Tenant, IdempotencyKey = command.IdempotencyKey, Limit = 1 }, cancellationToken);
        return page.Items.Count > 0 ? page.Items[0] : null;
    }

    private static async ValueTask<AdmittedRun> JoinAsync(RunHandle handle, RunCommand command)
    {
        RunCommandCheck.SameRequest(handle, command);
        await handle.Inbox.KeepAsync(command.IdempotencyKey!);
        handle.Join();
        return new AdmittedRun(handle, Run: null);
    }

    /// <summary>The run that an earlier request with the key has steered: one of the last of the session, no longer in memory.</summary>
    private async ValueTask<AdmittedRun?> FindSteeredAsync(ChainSet set, RunCommand command, CancellationToken cancellationToken)
    {
        if (RunSteering.ToInput(command, set.Settings) is not { } input) return null;
        var page = await set.Store.FindRunsAsync(
            new RunQuery { Tenant = command.Tenant, SessionId = command.SessionId, Limit = SteeredLimit, Order = ListOrder.Descending }, cancellationToken);
        if (page.Items.FirstOrDefault(r => input.IsIn(r) && !IsExpired(r, set)) is not { } run) return null;
        return new AdmittedRun(live.Find(run.Session, run.Id) ?? RunHandle.FromEnded(run), Run: null);
    }

    private async ValueTask<AdmittedRun?> TrySteerAsync(ChainSet set, Chain chain, RunCommand command)
    {
        if (await steering.TrySteerAsync(command, chain.Agent.Name, set.Settings) is not { } run) return null;
        run.Join();
        return new AdmittedRun(run, Run: null);
    }

    /// <summary>An attempt whose end could not be stored is open still: the retry continues it, so that no tool acts twice.</summary>
    private async ValueTask<RunJournal> ResumeAsync(ChainSet set, RunRecord previous, CancellationToken cancellationToken)
    {
        try
        {
            return await RunJournal.ResumeAsync(set.Store, previous, time, logger, cancellationToken);
        }
        catch (JournalException e)
        {
            throw new ProblemException(ProblemTypes.StorageUnavailable, $"Run '{previous.Id}' cannot continue. {e.Message}");
        }
    }

    private AdmittedRun Begin(ChainSet set, Chain chain, RunCommand command, RunRecord? previous, RunRecord? expired, RunJournal? journal = null)
    {
        var now = time.GetUtcNow();
        var session = new SessionKey(command.Tenant, previous?.Session.Id ?? command.SessionId ?? IdGenerator.NewSession(now, command, expired));
        var record = new RunRecord
        {
            Id = previous?.Id ?? IdGenerator.NewRun(now, command, expired),
            Session = session,
            Agent = chain.Agent.Name,
            Status = RunStatus.Queued,
            CreatedAt = now,
            Attempt = (previous?.Attempt ?? 0) + 1,
            IdempotencyKey = command.IdempotencyKey,
            RequestHash = command.RequestHash,
            Metadata = command.Metadata,
            Details = command.Details,
        };
        journal ??= command.Stateless || !set.Store.HasJournal ? null : new RunJournal(set.Store, ObservedRun.From(record), time, logger);
        // What leaves nothing behind and reaches no caller is of no use to complete.
        var handle = new RunHandle(record, command, cancelOnDisconnect: command.Stateless || (set.Settings.OnDisconnect == DisconnectPolicy.Cancel && !command.Background))
        {
            IsStateless = command.Stateless,
            GivesEndAlone = command.GetsEndAlone && journal?.Recorded is null,
            CanBeLeft = command.Background && journal is not null,
        };
        if (!live.TryAdd(handle)) throw Stopping();
        if (journal?.Recorded is { } recorded) live.Restore(handle, recorded.Inputs, recorded.TakenInput());
        var run = new RunContext(command, handle, set, chain)
        {
            Journal = journal,
            LostReason = journal?.Recorded is { IsIncomplete: true, IsCancelled: false } ? $"Its end could not be stored. {RunContinuation.CalledUnrecorded}" : null,
            EndsCancelled = journal?.Recorded is { IsCancelled: true },
        };
        return new AdmittedRun(handle, run);
    }
}

/// <summary>The run that a command means.</summary>
/// <param name="Handle">The run.</param>
/// <param name="Run">What to run; null when the command joins a run that exists.</param>
internal readonly record struct AdmittedRun(RunHandle Handle, RunContext? Run);
