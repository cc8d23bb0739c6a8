namespace PluginHost.Sdk;

/// <summary>
/// Loads and stores the messages of sessions. The host applies the store flags, stamps messages, decides when to append,
/// and deals with timeouts and failure; a provider stores what it is given and returns it.
/// </summary>
/// <remarks>
/// Methods are called concurrently for different sessions. For one session the host never overlaps two runs, but reads
/// (lists, exports) may overlap an append, and an instance of an older configuration may still be finishing its last runs
/// beside a new one on the same store.
/// </remarks>
public interface IHistoryProvider
{
    /// <summary>
    /// Returns messages of a session. A query without <see cref="HistoryQuery.Limit"/> is a run that asks for the history
    /// to send to the model: return what the provider's own window allows, newest kept, never a tool result without its
    /// call. A query with a limit is a list: return exactly what it asks for.
    /// </summary>
    /// <param name="query">What to return.</param>
    /// <param name="cancellationToken">Cancelled with the run, or at the entry's timeout.</param>
    /// <returns>
    /// The messages in the order of the query; empty for a session that is not known. The list and its messages must
    /// not change later: the host reads them without copying.
    /// </returns>
    ValueTask<Page<HistoryMessage>> LoadAsync(HistoryQuery query, CancellationToken cancellationToken);

    /// <summary>
    /// Stores messages durably: when it returns, they survive a crash of the process. Idempotent by session, run, attempt and
    /// step: the same again changes nothing; a later attempt of a run replaces all messages of an earlier attempt of that run
    /// that did not end <see cref="RunOutcome.Completed"/>. All or nothing. What it throws fails the run (<c>storage</c>), even when
    /// its text has been streamed, unless the entry's <c>OnError</c> is <c>skip</c>.
    /// </summary>
    /// <param name="append">What to store. The order of appends of one session is the order of its history.</param>
    /// <param name="cancellationToken">A token of the append's own, not the run's: cancelled at the entry's timeout.</param>
    ValueTask AppendAsync(HistoryAppend append, CancellationToken cancellationToken);

    /// <summary>
    /// Removes messages of a session so that no byte of their content remains in the store. Calling it again is harmless; what it
    /// throws is reported to the caller, who may repeat the deletion.
    /// </summary>
    /// <param name="session">The session.</param>
    /// <param name="messageIds">The messages, or null for all of the session. Ids that are not known are passed over.</param>
    /// <param name="cancellationToken">Cancelled at the entry's timeout.</param>
    /// <returns>How many messages were removed.</returns>
    ValueTask<int> DeleteAsync(SessionKey session, IReadOnlyList<string>? messageIds, CancellationToken cancellationToken);
}
