using System.ComponentModel.DataAnnotations;
using PluginHost.Sdk;

namespace PluginHost.Sqlite;

/// <summary>Options of <c>sqlite-history</c> and <c>sqlite-sessions</c>.</summary>
/// <param name="Path">
/// The database file; a relative path is below the host's working directory. Histories and sessions with the same path share the
/// file. Only one host may use a file, and the file must be on a local disk.
/// </param>
/// <param name="Synchronous">
/// <c>full</c>: stored data survives a power loss. <c>normal</c>: stored data survives a crash of the host, but a power loss may
/// lose the latest commits.
/// </param>
/// <param name="CacheMegabytes">
/// The approximate memory for recently used messages and sessions. 0: always read from disk. Entries on the same file share the
/// cache; the largest value applies.
/// </param>
/// <param name="OnDamage">
/// <c>refuse</c>: the host does not start with a damaged file. <c>set-aside</c>: the file is renamed together with its log, and a
/// new file is created. Applies when at least one entry on the file sets it.
/// </param>
public sealed record SqliteHistoryOptions(
    [MinLength(1), OptionPath(Writable = true)] string Path = "data/sessions.db",
    [AllowedValues("full", "normal")] string Synchronous = "full",
    [Range(0, 65_536)] int CacheMegabytes = 32,
    [AllowedValues("refuse", "set-aside")] string OnDamage = "refuse")
{
    internal bool SurvivesPowerLoss => Synchronous != "normal";

    internal bool SetsAside => OnDamage == "set-aside";
}
