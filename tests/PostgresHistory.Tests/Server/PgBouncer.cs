using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace PluginHost.Postgres.Tests.Server;

/// <summary>A test that needs PgBouncer. Where it is missing, the test counts as skipped, with the reason.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PgBouncerFactAttribute : FactAttribute
{
    public PgBouncerFactAttribute() => Skip = PostgresPrograms.Missing ?? (File.Exists(PgBouncer.Program) ? null : "PgBouncer is not installed (apt-get install pgbouncer).");
}

/// <summary>PgBouncer in transaction mode before a server, with fewer connections than it has clients.</summary>
internal sealed class PgBouncer : IAsyncDisposable
{
    public const string Program = "/usr/sbin/pgbouncer";

    private readonly string _folder = Directory.CreateTempSubdirectory("pluginhost-pgbouncer-").FullName;
    private readonly Process _shell;

    private PgBouncer(int server)
    {
        using (var listener = new TcpListener(IPAddress.Loopback, 0))
        {
            listener.Start();
            Port = ((IPEndPoint)listener.LocalEndpoint).Port;
        }

        File.WriteAllText(Path.Combine(_folder, "users"), $"\"postgres\" \"{PostgresServer.Password}\"\n");
        File.WriteAllText(
            Path.Combine(_folder, "pgbouncer.ini"),
            $"""
            [databases]
            postgres = host=127.0.0.1 port={server}
            [pgbouncer]
            listen_addr = 127.0.0.1
            listen_port = {Port}
            unix_socket_dir =
            auth_type = scram-sha-256
            auth_file = {_folder}/users
            pool_mode = transaction
            default_pool_size = 2
            """);
        // The user without rights reads them.
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(_folder, (UnixFileMode)0b111_101_101);
        _shell = UserShell.Start($"exec 3<&0\n{Program} -q {_folder}/pgbouncer.ini </dev/null >/dev/null 2>&1 &\nread line <&3\nkill -KILL $!");
    }

    public int Port { get; }

    public static async Task<PgBouncer> StartAsync(int server)
    {
        var bouncer = new PgBouncer(server);
        await PostgresServer.WaitAsync(async () =>
        {
            try
            {
                await using var connection = new NpgsqlConnection(PostgresServer.ConnectTo(bouncer.Port) + ";Pooling=false;No Reset On Close=true");
                await connection.OpenAsync();
                return true;
            }
            catch (NpgsqlException) when (!bouncer._shell.HasExited)
            {
                return false;
            }
        });
        return bouncer;
    }

    public async ValueTask DisposeAsync()
    {
        _shell.StandardInput.Close();
        await _shell.WaitForExitAsync();
        _shell.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
