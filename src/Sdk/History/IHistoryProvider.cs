namespace PluginHost.Sdk;

/// <summary>
/// Loads and stores the messages of sessions. The host applies the store flags, marks messages with their source, decides when
/// to append, and handles timeouts and failures. A provider stores messages and returns them.
/// </summary>
/// <remarks>
/// Methods are called concurrently for different sessions. Two runs of one session never overlap, but reads (lists, exports) may
/// overlap an append. After a reload, the instance of the previous configuration may finish its last runs while a new instance
/// uses the same store. JSON in messages may be nested up to 1000 levels. A query skips a message that cannot be read.
/// </remarks>
public interface IHistoryProvider
{
    /// <summary>
    /// Returns exactly the messages of a session that match, up to the limit. For a run the host asks for the newest ones, without the
    /// failed runs, and makes the window of them: it turns their order, cuts it, and leaves out results whose call is not in it.
    /// </summary>
    /// <param name="query">Which messages to return.</param>
    /// <param name="cancellationToken">Cancelled with the run, or at the entry's timeout.</param>
    /// <returns>
    /// The messages in the order of the query; empty for an unknown session. The list and its messages must not change later: the
    /// host reads them without copying.
    /// </returns>
    ValueTask<Page<HistoryMessage>> LoadAsync(HistoryQuery query, CancellationToken cancellationToken);

    /// <summary>
    /// Stores all messages durably or none: when the task completes, they survive a crash of the process. Idempotent by session,
    /// run, attempt and step: a repeated append changes nothing. A later attempt of a run replaces all messages of its earlier
    /// attempts that did not end as <see cref="RunOutcome.Completed"/>. An exception fails the run (<c>storage</c>), even after
    /// its text has been streamed, unless the entry's <c>OnError</c> is <c>skip</c>.
    /// </summary>
    /// <param name="append">What to store. The order of a session's appends is the order of its history.</param>
    /// <param name="cancellationToken">Cancelled at the entry's timeout, but not with the run.</param>
    ValueTask AppendAsync(HistoryAppend append, CancellationToken cancellationToken);

    /// <summary>
    /// Removes messages of a session so that no byte of their content remains in the store. Idempotent. The host reports an
    /// exception to the caller, who may retry.
    /// </summary>
    /// <param name="deletion">What to remove.</param>
    /// <param name="cancellationToken">Cancelled at the entry's timeout.</param>
    /// <returns>The number of removed messages; 0 for an unknown session.</returns>
    ValueTask<int> DeleteAsync(HistoryDeletion deletion, CancellationToken cancellationToken);
}
