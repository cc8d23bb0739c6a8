using PluginHost.Sdk;
using PluginHost.Sqlite;

[assembly: Plugin("sqlite-history", typeof(SqliteHistory), Options = typeof(SqliteHistoryOptions))]
[assembly: Plugin("sqlite-sessions", typeof(SqliteSessions), Options = typeof(SqliteHistoryOptions))]
