using PluginHost.Engine.Chains;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Runs.Live;
using PluginHost.Sdk;

namespace PluginHost.Engine.Runs.Admission;

/// <summary>Tells what a command is: a new run, a retry of a failed one, or one that is there already. Thread-safe.</summary>
internal sealed class RunAdmission(LiveRuns live, TimeProvider time)
{
    /// <summary>The run that a command means: a new one, or the one that its idempotency key stands for already.</summary>
    public async ValueTask<RunStart> AdmitAsync(ChainSet set, Chain chain, RunCommand command, CancellationToken cancellationToken)
    {
        if (command.IdempotencyKey is null) return NewRun(set, chain, command, previous: null, expired: null);
        using var claim = await live.ClaimAsync(command.Tenant, command.IdempotencyKey, cancellationToken);
        // One that has failed is begun anew; the store knows it.
        if (claim.Running is { Record.Status: not RunStatus.Failed } running) return Joined(set, running, command);

        var page = await set.Store.FindRunsAsync(
            new RunQuery(command.Tenant) { IdempotencyKey = command.IdempotencyKey, Limit = 1 }, cancellationToken);
        var previous = page.Items.Count > 0 ? page.Items[0] : null;
        if (previous is not null && IsExpired(previous, set)) return NewRun(set, chain, command, previous: null, expired: previous);
        if (previous is null or { Status: RunStatus.Failed })
        {
            if (previous is not null) RunCommandCheck.SameRequest(previous, command);
            return NewRun(set, chain, command, previous, expired: null);
        }

        // With its events, as long as they are kept.
        return Joined(set, live.Find(previous.Session, previous.Id) ?? RunHandle.OfEnded(previous), command);
    }

    private bool IsExpired(RunRecord run, ChainSet set) =>
        time.GetUtcNow() - (run.CompletedAt ?? run.CreatedAt) > set.Settings.IdempotencyKeyLifetime;

    private static RunStart Joined(ChainSet set, RunHandle handle, RunCommand command)
    {
        RunCommandCheck.SameRequest(handle.Record, command);
        handle.Join();
        set.Release();
        return new RunStart(handle, null!, command, IsJoined: true);
    }

    private RunStart NewRun(ChainSet set, Chain chain, RunCommand command, RunRecord? previous, RunRecord? expired)
    {
        var now = time.GetUtcNow();
        var session = new SessionKey(command.Tenant, previous?.Session.Id ?? command.SessionId ?? IdGenerator.NewSession(now, command, expired));
        var record = new RunRecord(previous?.Id ?? IdGenerator.NewRun(now, command, expired), session, chain.Agent.Name, RunStatus.Queued, now)
        {
            Attempt = (previous?.Attempt ?? 0) + 1,
            IdempotencyKey = command.IdempotencyKey,
            RequestHash = command.RequestHash,
            Metadata = command.Metadata,
            Details = command.Details,
        };
        var handle = new RunHandle(record, command, cancelOnDisconnect: !set.Settings.CompleteOnDisconnect && !command.Background)
        {
            IsStateless = command.Stateless,
        };
        if (!live.TryAdd(handle)) throw Stopping();
        return new RunStart(handle, chain, command, IsJoined: false);
    }

    public static ProblemException Stopping() =>
        new(ProblemTypes.ShuttingDown, "The host is shutting down. Try again on the next one.") { RetryAfterSeconds = 5 };
}

/// <summary>A run that is about to begin, or one that has begun and is joined.</summary>
internal sealed record RunStart(RunHandle Handle, Chain Chain, RunCommand Command, bool IsJoined);
