namespace PluginHost.Sdk;

/// <summary>One save of a session. Immutable.</summary>
public sealed record SessionSave
{
    /// <summary>
    /// The record to save; its version is <see cref="ExpectedVersion"/> plus one. A copy from another store may begin with any version, and save
    /// version 1 twice.
    /// </summary>
    public required SessionRecord Session { get; init; }

    /// <summary>The version that the store must hold; 0 when the session must not exist.</summary>
    public required long ExpectedVersion { get; init; }

    /// <summary>The record as last loaded or saved, from which the store can tell what changed; null for a new session.</summary>
    public SessionRecord? Previous { get; init; }

    /// <summary>A run that ended. The store adds it or replaces the record with the same id. Null when only the session changes.</summary>
    public RunRecord? Run { get; init; }

    /// <summary>
    /// Whether <see cref="Run"/> may be open in the store's <see cref="IRunJournal"/> and ends with this save: the store removes it from the
    /// journal, with its steps, in the same commit. No effect on the journal when it is not open. Default: false.
    /// </summary>
    public bool EndsRun { get; init; }

    /// <summary>
    /// The id of a run of the session, open or ended, to remove so that no byte of its content remains in the store; null for none. An unknown id
    /// is skipped. Never the id of <see cref="Run"/>.
    /// </summary>
    public string? RemovedRun { get; init; }

    /// <summary>Appends of covered histories to commit with the save, in order.</summary>
    public IReadOnlyList<CoveredAppend> Appends { get; init; } = [];

    /// <summary>Session and versions: content does not belong into logs.</summary>
    public override string ToString() => $"SessionSave {Session.Key.Id} version {ExpectedVersion} to {Session.Version}";
}

/// <summary>An append that a session store commits for a history provider.</summary>
public sealed record CoveredAppend
{
    /// <summary>The provider. The store covers it.</summary>
    public required IHistoryProvider History { get; init; }

    /// <summary>The append, with the rules of <see cref="IHistoryProvider.AppendAsync"/>.</summary>
    public required HistoryAppend Append { get; init; }
}
