using PluginHost.Engine.Errors;
using PluginHost.Engine.Observation;
using PluginHost.Engine.Runs.Live;
using PluginHost.Sdk;

namespace PluginHost.Engine.Sessions.Store;

/// <summary>The journal of the runs in progress.</summary>
internal sealed partial class SessionStoreClient
{
    private const int MaxSteps = 500;

    /// <summary>Whether the store keeps runs in progress. Without it, they are lost with the process.</summary>
    public bool HasJournal => _store is IRunJournal;

    /// <param name="write">The write.</param>
    /// <param name="run">The run, for observers.</param>
    /// <param name="handle">The run that writes its own journal; null for other work.</param>
    /// <exception cref="SessionConflictException">The session to create exists.</exception>
    /// <exception cref="SessionStoreException">The store failed or took too long, or the run has lost its session.</exception>
    public async ValueTask WriteAsync(JournalWrite write, ObservedRun run, RunHandle? handle = null)
    {
        ThrowIfMoved(handle);
        var began = _caller.Time.GetTimestamp();
        try
        {
            await CallAsync(
                HostOperation.JournalWrite,
                write,
                static async (store, w, ct) =>
                {
                    await ((IRunJournal)store).WriteAsync(w, ct);
                    return true;
                },
                CancellationToken.None,
                handle);
        }
        catch (SessionStoreException e)
        {
            // A write that works is not observed: it would be one more span for each step.
            var operation = new ObservedOperation(HostOperation.JournalWrite)
            {
                Run = run,
                Plugin = Plugin.Observed,
                Lasted = _caller.Time.GetElapsedTime(began),
            };
            _caller.Observer.End(_caller.Observer.Begin(operation), operation, ObservedEnd.From(operation, e));
            throw;
        }

        if (write.NewSession is not null) _counts.Change(write.Session.Tenant, 1);
    }

    /// <summary>All steps of an open run.</summary>
    /// <exception cref="SessionStoreException">The store failed or took too long, or a step cannot be read.</exception>
    public async ValueTask<IReadOnlyList<JournalStep>> ReadStepsAsync(SessionKey session, string runId, CancellationToken cancellationToken)
    {
        var steps = new List<JournalStep>();
        while (true)
        {
            var page = await CallAsync(
                HostOperation.JournalRead,
                (session, runId, steps.Count),
                static (store, q, ct) => ((IRunJournal)store).ReadAsync(q.session, q.runId, q.Count, MaxSteps, ct),
                cancellationToken);
            steps.AddRange(page.Items);
            if (!page.HasMore || page.Items.Count == 0) return steps;
        }
    }

    /// <exception cref="SessionStoreException">The store failed or took too long.</exception>
    public ValueTask<Page<RunRecord>> FindOpenRunsAsync(OpenRunQuery query, CancellationToken cancellationToken) =>
        CallAsync(HostOperation.JournalRead, query, static (store, q, ct) => ((IRunJournal)store).FindOpenRunsAsync(q, ct), cancellationToken);
}
