namespace PluginHost.Sdk;

/// <summary>
/// Keeps the runs that have not ended, so that a later process can continue them. A session store implements it beside
/// <see cref="ISessionStore"/>; with a store that does not, runs in progress are lost with their process.
/// </summary>
/// <remarks>
/// A run is open from its first write until <see cref="ISessionStore.SaveAsync"/> saves its record with
/// <see cref="SessionSave.EndsRun"/>, which removes its steps in the same commit. The queries of the session store return open runs too,
/// with the record that was written last; lists have them after the runs that have ended, by creation, then id.
/// Deleting a session removes its open runs and their steps, so that no byte of their content remains. Methods are called concurrently,
/// but never twice at once for the same run.
/// </remarks>
public interface IRunJournal
{
    /// <summary>Writes the record of an open run, adds steps to it, or both: all or nothing, durably.</summary>
    /// <param name="write">What to write.</param>
    /// <param name="cancellationToken">Cancels the call before anything has been written.</param>
    /// <exception cref="SessionConflictException"><see cref="JournalWrite.NewSession"/> is set and the session exists. Nothing was changed.</exception>
    /// <exception cref="StorageException">
    /// The run is not open and the write has no record; or the session does not exist and the write does not create it, because a session that
    /// was deleted meanwhile does not come back; or the journal has fewer steps than <see cref="JournalWrite.FirstStep"/>.
    /// </exception>
    ValueTask WriteAsync(JournalWrite write, CancellationToken cancellationToken);

    /// <summary>Reads the steps of an open run in their order.</summary>
    /// <param name="session">The session.</param>
    /// <param name="runId">The run.</param>
    /// <param name="first">The position of the first step to return; 0 for all.</param>
    /// <param name="limit">The maximum number of steps, 1 or more.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The steps; an empty page for a run that is not open.</returns>
    /// <exception cref="StorageException">A step cannot be read.</exception>
    ValueTask<Page<JournalStep>> ReadAsync(SessionKey session, string runId, int first, int limit, CancellationToken cancellationToken);

    /// <summary>Lists the open runs, the oldest first: by creation, then id. A record that cannot be read is skipped and logged.</summary>
    /// <param name="query">Which runs to return.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The records as they were written last.</returns>
    ValueTask<Page<RunRecord>> FindOpenRunsAsync(OpenRunQuery query, CancellationToken cancellationToken);
}
