using PluginHost.Sdk;
using PluginHost.Sqlite;

[assembly: Plugin<SqliteHistory, SqliteHistoryOptions>("sqlite-history")]
[assembly: Plugin<SqliteSessions, SqliteHistoryOptions>("sqlite-sessions")]
