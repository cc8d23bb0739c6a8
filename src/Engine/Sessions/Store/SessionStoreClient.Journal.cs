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
    /// <param name="givenUp">Gives the write up when the store has not begun it.</param>
    /// <returns>False when it was given up.</returns>
    /// <exception cref="SessionConflictException">The session to create exists.</exception>
    /// <exception cref="SessionStoreException">The store failed or took too long, or the run has lost its session.</exception>
    public async ValueTask<bool> WriteAsync(JournalWrite write, ObservedRun run, RunHandle? handle = null, CancellationToken givenUp = default)
    {
        ThrowIfMoved(handle);
        var began = _caller.Time.GetTimestamp();
        bool isWritten;
        try
        {
            isWritten = await CallAsync(
                HostOperation.JournalWrite,
                (write, givenUp),
                static (store, w, ct) => WriteUnlessGivenUpAsync((IRunJournal)store, w.write, w.givenUp, ct),
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

        if (isWritten && write.NewSession is not null) _counts.Change(write.Session.Tenant, 1);
        return isWritten;
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

    private static async ValueTask<bool> WriteUnlessGivenUpAsync(IRunJournal journal, JournalWrite write, CancellationToken givenUp, CancellationToken cancellationToken)
    {
        if (!givenUp.CanBeCanceled)
        {
            await journal.WriteAsync(write, cancellationToken);
            return true;
        }

        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, givenUp);
        try
        {
            await journal.WriteAsync(write, either.Token);
            return true;
        }
        catch (OperationCanceledException) when (givenUp.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }
}
