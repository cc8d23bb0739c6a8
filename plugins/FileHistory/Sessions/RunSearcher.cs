namespace PluginHost.Files.Sessions;

/// <summary>Finds runs over all sessions. Reads the records that may match, and needs no lock: a record that was written never changes.</summary>
internal sealed class RunSearcher(SessionIndex index, SessionFiles files)
{
    private const int Batch = 100;

    /// <summary>The runs after the start of a search, the newest first. Those of other tenants have nothing but their place.</summary>
    public IEnumerable<RunRecord> Read(RunSearch search)
    {
        var open = index.OpenRuns.ListNewest(search);
        var next = 0;
        // A run that is tried again after it ended is found once, as the run in progress.
        foreach (var run in ReadEnded(search).Where(r => index.OpenRuns.Find(r.Session, r.Id) is null))
        {
            for (; next < open.Count && RunPlace.Compare(open[next].Place, RunPlace.From(run)) < 0; next++)
            {
                if (files.OpenRunReader.Read(open[next]) is { } earlier) yield return earlier;
            }

            yield return run;
        }

        for (; next < open.Count; next++)
        {
            if (files.OpenRunReader.Read(open[next]) is { } last) yield return last;
        }
    }

    private IEnumerable<RunRecord> ReadEnded(RunSearch search)
    {
        var start = search.Start;
        var onlyTrouble = search.OnlyTrouble || search.ErrorType is not null || search.Skipped is not null || search.Status == RunStatus.Failed;
        for (var ticks = start?.CreatedAt.UtcTicks ?? long.MaxValue; ;)
        {
            var runs = index.ListRuns(ticks, onlyTrouble, Batch);
            foreach (var sameTime in runs.GroupBy(r => r.Ticks))
            {
                var read = sameTime.Select(r => Read(r, search.Tenant)).OfType<RunRecord>().OrderByDescending(r => r.Id, StringComparer.Ordinal);
                foreach (var run in read.Where(r => start is null || RunPlace.Compare(RunPlace.From(r), start) > 0)) yield return run;
            }

            if (runs.Count < Batch) yield break;
            ticks = runs[^1].Ticks - 1;
        }
    }

    private RunRecord? Read(RunTime run, string? tenant)
    {
        var session = run.Location.Session;
        if (tenant is null || session.Tenant == tenant) return files.Runs.Read(session, run.Location.Offset, run.Length);
        return new RunRecord { Id = "", Session = session, Agent = "", Status = RunStatus.Completed, CreatedAt = new DateTimeOffset(run.Ticks, TimeSpan.Zero) };
    }
}
