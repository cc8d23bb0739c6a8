namespace PluginHost.Files.Sessions;

/// <summary>A run in progress, as the index keeps it in memory.</summary>
/// <param name="Session">The session.</param>
/// <param name="Record">The location and the keys of the record that was written last, in the file of the run.</param>
/// <param name="Steps">The number of steps.</param>
/// <param name="FileLength">The length of the complete lines of the file in bytes.</param>
internal sealed record OpenRun(SessionKey Session, RunEntry Record, int Steps, long FileLength)
{
    /// <summary>The order of lists: by creation, then id.</summary>
    public static Comparer<OpenRun> Order { get; } = Comparer<OpenRun>.Create(static (a, b) =>
        a.Record.CreatedAt.CompareTo(b.Record.CreatedAt) is var byTime and not 0 ? byTime
        : string.CompareOrdinal(a.Record.Id, b.Record.Id) is var byId and not 0 ? byId
        : string.CompareOrdinal(a.Session.Id, b.Session.Id) is var bySession and not 0 ? bySession
        : string.CompareOrdinal(a.Session.Tenant, b.Session.Tenant));

    public RunPlace Place => new() { CreatedAt = Record.CreatedAt, RunId = Record.Id };
}
