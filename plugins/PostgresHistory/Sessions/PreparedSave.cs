using PluginHost.Sdk;

namespace PluginHost.Postgres;

/// <summary>A save with its messages as they are stored.</summary>
internal sealed class PreparedSave(SessionSave save)
{
    public SessionSave Save { get; } = save;

    /// <summary>The appends, with the names of their histories.</summary>
    public IReadOnlyList<(string Source, PreparedAppend Append)> Appends { get; } =
        [.. save.Appends.Select(static a => (((PostgresHistory)a.History).Source, new PreparedAppend(a.Append)))];

    /// <summary>What is known of the session when the save is stored.</summary>
    public CachedSession Apply(CachedSession known)
    {
        IEnumerable<(string, Window)> windows = known.Windows;
        foreach (var (source, append) in Appends) windows = append.Apply(source, windows);
        return known with { Record = Save.Session, Windows = [.. windows] };
    }
}
