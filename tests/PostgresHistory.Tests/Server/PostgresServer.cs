using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace PluginHost.Postgres.Tests.Server;

/// <summary>
/// A PostgreSQL server in a separate folder, as a user without rights. It ends with this process, however that ends: a shell waits for the end
/// of its input.
/// </summary>
internal sealed class PostgresServer : IAsyncDisposable
{
    public const string Password = "the-password";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly string _folder = Directory.CreateTempSubdirectory("pluginhost-postgres-").FullName;
    private Process? _shell;

    private PostgresServer()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        Port = ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public int Port { get; }

    private string Data => Path.Combine(_folder, "data");

    /// <summary>The connection string of the owner of everything.</summary>
    public string ConnectionString => ConnectTo(Port);

    /// <summary>A connection that no other test can have cut.</summary>
    private string OwnersConnection => $"{ConnectionString};Pooling=false";

    public static async Task<PostgresServer> StartNewAsync()
    {
        var server = new PostgresServer();
        await server.InitializeAsync();
        await server.StartAsync();
        return server;
    }

    public static string ConnectTo(int port) => $"Host=127.0.0.1;Port={port};Database=postgres;Username=postgres;Password={Password}";

    /// <summary>Starts the server and waits until it takes connections.</summary>
    public async Task StartAsync()
    {
        // A line on the input stops the server. Its end, which comes with the end of this process, ends it at once and removes the folder.
        _shell = UserShell.Start(
            $"""
            exec 3<&0
            "{PostgresPrograms.Folder}/postgres" -D "{Data}" -p {Port} -k "{_folder}" -c listen_addresses=127.0.0.1 -c max_connections=200 -c shared_buffers=64MB </dev/null >>"{_folder}/log" 2>&1 &
            server=$!
            if read line <&3; then kill -INT $server; wait $server
            else kill -QUIT $server; wait $server; rm -rf "{_folder}"; fi
            """);
        await WaitAsync(async () =>
        {
            try
            {
                await using var connection = new NpgsqlConnection(ConnectionString + ";Pooling=false;Timeout=2");
                await connection.OpenAsync();
                return true;
            }
            catch (NpgsqlException) when (!_shell.HasExited)
            {
                return false;
            }
        });
    }

    /// <summary>Stops the server, which ends its connections.</summary>
    public async Task StopAsync()
    {
        if (_shell is not { } shell) return;
        await shell.StandardInput.WriteLineAsync("stop");
        await shell.WaitForExitAsync().WaitAsync(Limit);
        shell.Dispose();
        _shell = null;
    }

    /// <summary>Executes statements as the owner.</summary>
    public async Task ExecuteAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(OwnersConnection);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Reads one value as the owner.</summary>
    public object? Query(string sql)
    {
        using var connection = new NpgsqlConnection(OwnersConnection);
        connection.Open();
        using var command = new NpgsqlCommand(sql, connection);
        return command.ExecuteScalar();
    }

    /// <summary>What the server has logged.</summary>
    public string ReadLog() => File.ReadAllText(Path.Combine(_folder, "log"));

    /// <summary>Whether a row of a schema contains the UTF-8 bytes of a text.</summary>
    public bool Contains(string schema, string text)
    {
        var tables = (string[])Query($"SELECT coalesce(array_agg(tablename::text), '{{}}') FROM pg_tables WHERE schemaname = '{schema}'")!;
        var bytes = Convert.ToHexStringLower(System.Text.Encoding.UTF8.GetBytes(text));
        return tables.Any(table => Query($"SELECT EXISTS (SELECT 1 FROM \"{schema}\".{table} t WHERE position('{bytes}' IN t::text) > 0)") is true);
    }

    public async ValueTask DisposeAsync()
    {
        if (_shell is not { } shell)
        {
            Directory.Delete(_folder, recursive: true);
            return;
        }

        shell.StandardInput.Close();
        await shell.WaitForExitAsync().WaitAsync(Limit);
        shell.Dispose();
    }

    /// <summary>Waits until a condition holds, for a limited time.</summary>
    public static async Task WaitAsync(Func<Task<bool>> condition)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        using var limit = new CancellationTokenSource(Limit);
        while (!await condition()) await timer.WaitForNextTickAsync(limit.Token);
    }

    private async Task InitializeAsync()
    {
        var passwordFile = Path.Combine(_folder, "password");
        await File.WriteAllTextAsync(passwordFile, Password);
        if (Environment.IsPrivilegedProcess) await RunAsync(Process.Start("chown", ["-R", UserShell.UserId, _folder]));
        await RunAsync(UserShell.Start(
            $"\"{PostgresPrograms.Folder}/initdb\" -D \"{Data}\" -U postgres -A scram-sha-256 --pwfile=\"{passwordFile}\" -E UTF8 --locale=C --no-instructions >\"{_folder}/log\" 2>&1"));
    }

    private async Task RunAsync(Process process)
    {
        using var disposed = process;
        await process.WaitForExitAsync().WaitAsync(Limit);
        if (process.ExitCode != 0) throw new InvalidOperationException($"{process.StartInfo.FileName}: {await File.ReadAllTextAsync(Path.Combine(_folder, "log"))}");
    }
}
