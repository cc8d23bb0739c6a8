using PluginHost.Sdk;

namespace PluginHost.Sqlite;

/// <summary>Identifies the history of one session in one history provider instance.</summary>
/// <param name="Source">The instance's name in its chain.</param>
/// <param name="Session">The session.</param>
internal readonly record struct HistoryKey(string Source, SessionKey Session);
