using System.ComponentModel.DataAnnotations;

namespace PluginHost.Sqlite;

/// <summary>Options of <c>sqlite-history</c> and <c>sqlite-sessions</c>.</summary>
/// <param name="Path">
/// The database file; a relative path is below the host's working directory. Histories and sessions that name the same file
/// share it. Only one host may use a file, and the file has to be on a local disk.
/// </param>
/// <param name="Window">How many messages, the newest, a run is given at most. Of no effect for sessions.</param>
/// <param name="Synchronous">
/// <c>full</c>: what was stored survives a power cut. <c>normal</c>: it survives a crash of the host, and a power cut may take
/// the last moments.
/// </param>
/// <param name="CacheMegabytes">
/// About how much memory the messages and sessions that were used last may take, so that they are not read from disk
/// again. 0 reads always. Entries on the same file share it; the largest value counts.
/// </param>
/// <param name="OnDamage">
/// <c>refuse</c>: the host does not start on a damaged file. <c>set-aside</c>: the file is renamed, with its log, and a new one
/// is begun. It is enough that one of the entries on a file says so.
/// </param>
public sealed record SqliteHistoryOptions(
    [MinLength(1)] string Path = "data/sessions.db",
    [Range(1, 100_000)] int Window = 50,
    [AllowedValues("full", "normal")] string Synchronous = "full",
    [Range(0, 65_536)] int CacheMegabytes = 32,
    [AllowedValues("refuse", "set-aside")] string OnDamage = "refuse")
{
    internal bool IsFull => Synchronous != "normal";

    internal bool SetsAside => OnDamage == "set-aside";
}
