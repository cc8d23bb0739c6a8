using PluginHost.Postgres;
using PluginHost.Sdk;

[assembly: Plugin("postgres-history", typeof(PostgresHistory), Options = typeof(PostgresOptions))]
[assembly: Plugin("postgres-sessions", typeof(PostgresSessions), Options = typeof(PostgresOptions))]
