using PluginHost.Engine.Errors;
using PluginHost.Engine.Messages;
using PluginHost.Engine.Runs.Approvals;
using PluginHost.Sdk;

namespace PluginHost.Engine.Runs.Admission;

/// <summary>The approvals that parked runs wait for.</summary>
internal sealed partial class RunEngine
{
    /// <summary>The approvals without a decision, those of the oldest run first.</summary>
    /// <exception cref="ProblemException">400 for an unknown cursor.</exception>
    public ValueTask<Page<FoundApproval>> ListApprovalsAsync(string tenant, string? after, int limit, CancellationToken cancellationToken) => LeasedAsync(async set =>
    {
        var found = new List<FoundApproval>();
        var query = new OpenRunQuery { Tenant = tenant, Status = RunStatus.RequiresAction, Limit = limit };
        if (after is not null)
        {
            var run = await FindRunOfAsync(tenant, after, cancellationToken) ?? throw ProblemException.UnknownCursor("after", after);
            if (RunParking.IsParked(run)) found.AddRange(PendingIn(run, after));
            query = query with { After = RunPlace.From(run) };
        }

        while (set.Store.HasJournal && found.Count <= limit)
        {
            var page = await set.Store.FindOpenRunsAsync(query, cancellationToken);
            found.AddRange(page.Items.SelectMany(r => PendingIn(r, after: null)));
            if (!page.HasMore || page.Items.Count == 0) break;
            query = query with { After = RunPlace.From(page.Items[^1]) };
        }

        return new Page<FoundApproval> { Items = [.. found.Take(limit)], HasMore = found.Count > limit };
    });

    /// <summary>An approval, with the decision on it if there is one.</summary>
    /// <exception cref="ProblemException">404.</exception>
    public async ValueTask<FoundApproval> GetApprovalAsync(string tenant, string id, CancellationToken cancellationToken)
    {
        var run = await FindRunOfAsync(tenant, id, cancellationToken);
        return run is not null && ApprovalContent.In(run.Output).FirstOrDefault(a => a.Id == id) is { } approval
            ? new FoundApproval(run, approval)
            : throw ApprovalDecisions.NotFound(id);
    }

    /// <inheritdoc cref="ApprovalDecisions.DecideAsync"/>
    public async ValueTask<FoundApproval> DecideAsync(string tenant, ApprovalVerdict verdict, CancellationToken cancellationToken)
    {
        var run = await FindRunOfAsync(tenant, verdict.ApprovalId, cancellationToken) ?? throw ApprovalDecisions.NotFound(verdict.ApprovalId);
        return await LeasedAsync(set => _decisions.DecideAsync(set, run, verdict));
    }

    private async ValueTask<RunRecord?> FindRunOfAsync(string tenant, string approvalId, CancellationToken cancellationToken)
    {
        if (ApprovalIds.RunOf(approvalId) is not { } runId) return null;
        if (FindLive(tenant, runId) is not { IsParked: true } parking) return await FindRunAsync(tenant, runId, cancellationToken);
        // The store lists the approvals before the handle has them.
        var session = (await parking.Completion.WaitAsync(cancellationToken)).Session;
        return await LeasedAsync(set => set.Store.FindRunAsync(session, runId, cancellationToken));
    }

    private static IEnumerable<FoundApproval> PendingIn(RunRecord run, string? after)
    {
        IEnumerable<Approval> all = ApprovalContent.In(run.Output);
        if (after is not null) all = all.SkipWhile(a => a.Id != after).Skip(1);
        return all.Where(a => a.Decision is null).Select(a => new FoundApproval(run, a));
    }
}
