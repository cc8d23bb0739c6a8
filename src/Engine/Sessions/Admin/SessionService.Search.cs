using PluginHost.Engine.Errors;
using PluginHost.Sdk;

namespace PluginHost.Engine.Sessions.Admin;

/// <summary>Finds sessions.</summary>
internal sealed partial class SessionService
{
    /// <summary>How many sessions a page looks at, found or not.</summary>
    public const int MaxExamined = 1000;

    /// <summary>The same when the last run of each has to be read.</summary>
    public const int MaxExaminedWithRuns = 200;

    private const int PageSize = 100;

    /// <summary>Looks through the sessions in the order of the search. The store knows the order, and the conditions are checked here.</summary>
    /// <exception cref="ProblemException">400 for an unknown cursor.</exception>
    public async ValueTask<FoundSessions> SearchAsync(SessionSearch search, CancellationToken cancellationToken)
    {
        // A store lists idle sessions by their last save. Every session was saved before this time.
        var query = search.ByActivity ? search.Query with { IdleSince = DateTimeOffset.MaxValue } : search.Query;
        if (!search.HasConditions)
        {
            var page = await ListAsync(query, cancellationToken);
            return new FoundSessions(page.Items, page.HasMore ? page.Items[query.Before is null ? ^1 : 0].Key.Id : null);
        }

        // Once for all sessions, because it looks through the runs of all tenants.
        HashSet<SessionKey> running = search.Agent is { } agent
            ? [.. _live.InProgress().Select(r => r.Record).Where(r => r.Agent == agent && r.Session.Tenant == query.Tenant).Select(r => r.Session)]
            : [];
        var (found, examined, passed) = (new List<SessionRecord>(), 0, new Stack<string>());
        var most = search.Agent is null ? MaxExamined : MaxExaminedWithRuns;
        while (true)
        {
            var page = await NextAsync(query with { Limit = Math.Min(PageSize, most - examined) }, passed, cancellationToken);
            for (var i = 0; i < page.Items.Count; i++)
            {
                examined++;
                var last = page.Items[i].Key.Id;
                passed.Push(last);
                if (!await MatchesAsync(search, page.Items[i], running, cancellationToken)) continue;
                found.Add(page.Items[i]);
                if (found.Count == query.Limit) return new FoundSessions(found, i < page.Items.Count - 1 || page.HasMore ? last : null);
            }

            if (!page.HasMore || page.Items.Count == 0) return new FoundSessions(found, Next: null);
            if (examined >= most) return new FoundSessions(found, passed.Peek());
        }
    }

    /// <summary>Continues after the last session that was passed and still exists: others delete sessions meanwhile.</summary>
    private async ValueTask<Page<SessionRecord>> NextAsync(SessionQuery query, Stack<string> passed, CancellationToken cancellationToken)
    {
        while (passed.TryPeek(out var last))
        {
            try
            {
                return await ListAsync(query with { After = last }, cancellationToken);
            }
            catch (ProblemException e) when (e.Problem.Type == ProblemTypes.InvalidRequest)
            {
                passed.Pop();
            }
        }

        return await ListAsync(query, cancellationToken);
    }

    private async ValueTask<bool> MatchesAsync(SessionSearch search, SessionRecord session, HashSet<SessionKey> running, CancellationToken cancellationToken)
    {
        if (!search.Matches(session)) return false;
        if (search.Agent is not { } agent) return true;
        if (running.Contains(session.Key)) return true;
        return session.LastRunId is { } run
            && await _access.LeasedAsync(set => set.Store.FindRunAsync(session.Key, run, cancellationToken)) is { } record && record.Agent == agent;
    }
}
