using System.Globalization;
using System.Text;
using Npgsql;
using PluginHost.Postgres.Tests.Server;

namespace PluginHost.EndToEnd;

/// <summary>Sessions move from SQLite to PostgreSQL and back, and arrive as they were.</summary>
[Trait("Form", "Long")]
public sealed class MigrationTests
{
    private const int Sessions = 500;

    private const string Postgres = """
        {
          "Plugins": {
            "postgres-history": { "Options": { "ConnectionString": { "Environment": "DATABASE" }, "Schema": "migrated" } },
            "postgres-sessions": { "Options": { "ConnectionString": { "Environment": "DATABASE" }, "Schema": "migrated" } }
          },
          "Agents": { "assistant": { "Chain": [ { "Plugin": "postgres-history", "Name": "history" } ] } },
          "Sessions": { "Store": { "Plugin": "postgres-sessions" } }
        }
        """;

    [PostgresFact]
    public async Task A_migration_to_PostgreSQL_that_was_killed_is_completed_by_a_second_one_and_the_way_back_gives_the_same_exports()
    {
        await using var server = await PostgresServer.StartNewAsync();
        using var folder = WorkFolder.Create(Sqlite("first"));
        folder.Write("postgres.json", Postgres);
        folder.Write("second.json", Sqlite("second"));
        (string, string)[] variables = [("DATABASE", server.ConnectionString)];
        string before;
        await using (var host = await RunningHost.StartAsync(folder))
        {
            foreach (var ids in Enumerable.Range(0, 2 * Sessions).Chunk(20)) await Task.WhenAll(ids.Select(i => host.Api.RunAsync($"s{i % Sessions}", $"run {i}")));
            before = await ExportAsync(host);
            await host.StopAsync();
        }

        string[] there = ["migrate", "--from", "config/appsettings.json", "--to", "postgres.json"];
        await using (var killed = ChildProcess.Start([], folder.Path, [BuildOutputs.HostAssembly, .. there], variables))
        {
            await PostgresServer.WaitAsync(async () => await CountAsync(server) > 8);
            await killed.KillAsync();
        }

        Assert.InRange(await CountAsync(server), 9, Sessions - 1);
        var completed = await RunningHost.RunAsync(folder, there, variables);
        Assert.True(completed.Code == 0, completed.Errors);
        Assert.DoesNotContain(" 0 were there already", completed.Output, StringComparison.Ordinal);
        Assert.Contains($"{Sessions} of {Sessions} (100", completed.Errors, StringComparison.Ordinal);
        await RefusesWhileAHostServesAsync(folder, there, variables);

        var back = await RunningHost.RunAsync(folder, ["migrate", "--from", "postgres.json", "--to", "second.json"], variables);
        Assert.True(back.Code == 0, back.Errors);
        Assert.StartsWith($"{Sessions} sessions with {2 * Sessions} runs and {4 * Sessions} messages copied and checked", back.Output, StringComparison.Ordinal);
        folder.Configure(Sqlite("second"));
        await using var last = await RunningHost.StartAsync(folder);
        Assert.Equal(before, await ExportAsync(last));
        await last.StopAsync();
    }

    private static async Task RefusesWhileAHostServesAsync(WorkFolder folder, string[] migrate, (string, string)[] variables)
    {
        using var other = WorkFolder.Create(Postgres);
        await using var host = await RunningHost.StartAsync(other, variables);
        var refused = await RunningHost.RunAsync(folder, migrate, variables);
        Assert.Equal(1, refused.Code);
        Assert.Contains("uses the session store of --to. Stop it.", refused.Errors, StringComparison.Ordinal);
        await host.StopAsync();
    }

    private static string Sqlite(string name) => $$"""
        {
          "Plugins": {
            "sqlite-history": { "Options": { "Path": "data/{{name}}.db" } },
            "sqlite-sessions": { "Options": { "Path": "data/{{name}}.db" } }
          },
          "Agents": { "assistant": { "Chain": [ { "Plugin": "sqlite-history" } ] } },
          "Sessions": { "Store": { "Plugin": "sqlite-sessions" } }
        }
        """;

    private static async Task<string> ExportAsync(RunningHost host)
    {
        var all = new StringBuilder();
        for (var i = 0; i < Sessions; i++)
        {
            foreach (var part in new[] { "export?messages=true", "runs" })
                all.Append(await host.Api.Http.GetStringAsync(new Uri($"/v1/sessions/s{i}/{part}", UriKind.Relative))).Append('\n');
        }

        return all.ToString();
    }

    /// <summary>How many sessions the schema has; 0 while it does not exist.</summary>
    private static async Task<int> CountAsync(PostgresServer server)
    {
        await using var connection = new NpgsqlConnection(server.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("SELECT count(*) FROM migrated.sessions", connection);
        try
        {
            return Convert.ToInt32(await command.ExecuteScalarAsync(), CultureInfo.InvariantCulture);
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.InvalidSchemaName)
        {
            return 0;
        }
    }
}
