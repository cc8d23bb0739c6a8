namespace PluginHost.Postgres.Tests.Server;

/// <summary>The server of all tests that do not stop it. It starts with the first of them, and ends with the process.</summary>
internal static class SharedServer
{
    private static readonly Lazy<Task<PostgresServer>> Started = new(PostgresServer.StartNewAsync);

    public static Task<PostgresServer> GetAsync() => Started.Value;
}
