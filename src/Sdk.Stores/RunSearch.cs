namespace PluginHost.Sdk;

/// <summary>Which runs to find over all sessions. A run must meet all conditions.</summary>
public sealed record RunSearch
{
    /// <summary>Only runs of this tenant; null for all tenants.</summary>
    public string? Tenant { get; init; }

    /// <summary>Only runs of the sessions with this id; null for all.</summary>
    public string? SessionId { get; init; }

    /// <summary>Only runs of this agent; null for all.</summary>
    public string? Agent { get; init; }

    /// <summary>Only runs with this status; null for all.</summary>
    public RunStatus? Status { get; init; }

    /// <summary>Only runs whose error has this type; null for all.</summary>
    public string? ErrorType { get; init; }

    /// <summary>Only runs that skipped the plugin with this source id; null for all.</summary>
    public string? Skipped { get; init; }

    /// <summary>Only runs of this trace; null for all.</summary>
    public string? TraceId { get; init; }

    /// <summary>Only runs that failed, or in which a plugin or a tool failed. Default: false.</summary>
    public bool OnlyTrouble { get; init; }

    /// <summary>Only runs that were accepted at this time or later; null for all.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Only runs that were accepted before this time; null for all.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Only runs after this place in the order of the result; null to begin with the newest.</summary>
    public RunPlace? After { get; init; }

    /// <summary>The maximum number of runs, 1 or more. Default: 20.</summary>
    public int Limit { get; init; } = 20;

    /// <summary>After how many stored runs the store stops looking, found or not. It bounds the cost of a page. Default: 5000.</summary>
    public int MaxExamined { get; init; } = 5000;

    /// <summary>Whether a run meets all conditions but <see cref="After"/>.</summary>
    /// <param name="run">The run; its output does not matter.</param>
    public bool Matches(RunRecord run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return (Tenant is null || run.Session.Tenant == Tenant)
            && (SessionId is null || run.Session.Id == SessionId)
            && (Agent is null || run.Agent == Agent)
            && (Status is null || run.Status == Status)
            && (ErrorType is null || run.Error?.Type == ErrorType)
            && (Skipped is null || run.Skipped.Contains(Skipped))
            && (TraceId is null || run.TraceId == TraceId)
            && (!OnlyTrouble || IsTrouble(run))
            && !(run.CreatedAt < Since)
            && !(run.CreatedAt >= Until);
    }

    /// <summary>The place after which to look: <see cref="After"/>, or that of <see cref="Until"/> when it comes later; null for the newest run.</summary>
    public RunPlace? Start
    {
        get
        {
            // Ids are sorted in descending order, so the empty one comes after all runs of its time.
            var until = Until is { } time ? new RunPlace { CreatedAt = time, RunId = "" } : null;
            return until is null || (After is not null && RunPlace.Compare(After, until) > 0) ? After : until;
        }
    }

    /// <summary>Makes the page of this search.</summary>
    /// <param name="runs">The runs of the store after <see cref="Start"/>, the newest first. Read only as far as needed.</param>
    public RunSearchPage Collect(IEnumerable<RunRecord> runs)
    {
        ArgumentNullException.ThrowIfNull(runs);
        var found = new List<RunRecord>();
        var examined = 0;
        RunPlace? last = null;
        var lastIsOwn = true;
        foreach (var run in runs)
        {
            if (run.CreatedAt < Since) return new RunSearchPage { Runs = found };
            var place = RunPlace.From(run);
            // Runs of several sessions may share a place, which a page must not divide.
            if ((found.Count >= Limit || (examined >= MaxExamined && lastIsOwn)) && place != last) return new RunSearchPage { Runs = found, Next = last };
            // By time alone: a tenant must not see the id of another tenant's run.
            if (examined >= MaxExamined && place.CreatedAt != last!.CreatedAt)
                return new RunSearchPage { Runs = found, Next = new RunPlace { CreatedAt = last.CreatedAt, RunId = "" } };
            examined++;
            (last, lastIsOwn) = (place, Tenant is null || run.Session.Tenant == Tenant);
            if (Matches(run)) found.Add(run.Output.Count == 0 ? run : run with { Output = [], Outline = null });
        }

        return new RunSearchPage { Runs = found };
    }

    /// <summary>Whether a run failed, or a plugin or a tool failed in it.</summary>
    /// <param name="run">The run.</param>
    public static bool IsTrouble(RunRecord run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return run.Status == RunStatus.Failed || run.Skipped.Count > 0 || run.Failures.Count > 0;
    }
}
