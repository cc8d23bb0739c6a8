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
        // All of them were saved before the end of time: that is the order of the last save.
        var query = search.ByActivity ? search.Query with { IdleSince = DateTimeOffset.MaxValue } : search.Query;
        if (!search.HasConditions)
        {
            var page = await ListAsync(query, cancellationToken);
            return new FoundSessions(page.Items, page.HasMore ? page.Items[query.Before is null ? ^1 : 0].Key.Id : null);
        }

        var (found, examined, last) = (new List<SessionRecord>(), 0, query.After);
        var most = search.Agent is null ? MaxExamined : MaxExaminedWithRuns;
        while (true)
        {
            var page = await ListAsync(query with { After = last, Limit = Math.Min(PageSize, most - examined) }, cancellationToken);
            for (var i = 0; i < page.Items.Count; i++)
            {
                examined++;
                last = page.Items[i].Key.Id;
                if (!await MatchesAsync(search, page.Items[i], cancellationToken)) continue;
                found.Add(page.Items[i]);
                if (found.Count == query.Limit) return new FoundSessions(found, i < page.Items.Count - 1 || page.HasMore ? last : null);
            }

            if (!page.HasMore || page.Items.Count == 0) return new FoundSessions(found, Next: null);
            if (examined >= most) return new FoundSessions(found, last);
        }
    }

    private async ValueTask<bool> MatchesAsync(SessionSearch search, SessionRecord session, CancellationToken cancellationToken)
    {
        if (!search.Matches(session)) return false;
        if (search.Agent is not { } agent) return true;
        if (_live.InSession(session.Key).Any(r => !r.Completion.IsCompleted && r.Record.Agent == agent)) return true;
        return session.LastRunId is { } run
            && await _access.LeasedAsync(set => set.Store.FindRunAsync(session.Key, run, cancellationToken)) is { } record && record.Agent == agent;
    }
}
