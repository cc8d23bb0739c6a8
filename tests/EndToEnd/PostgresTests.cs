using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using PluginHost.Postgres.Tests.Server;

namespace PluginHost.EndToEnd;

/// <summary>The host with everything in PostgreSQL.</summary>
public sealed class PostgresTests
{
    private const string Configuration = """
        {
          "Plugins": {
            "postgres-history": { "Options": { "ConnectionString": { "Environment": "DATABASE" }, "Schema": "SCHEMA" } },
            "postgres-sessions": { "Options": { "ConnectionString": { "Environment": "DATABASE" }, "Schema": "SCHEMA" } }
          },
          "Agents": { "assistant": { "Chain": [ { "Plugin": "postgres-history" }, { "Plugin": "memory" } ] } },
          "Sessions": { "Store": { "Plugin": "postgres-sessions" } },
          "Logging": { "LogLevel": { "Default": "Information", "Microsoft.AspNetCore": "Warning" } }
        }
        """;

    [PostgresFact]
    public async Task A_restart_of_the_server_is_reported_to_callers_and_the_host_is_ready_2_s_after_it()
    {
        await using var server = await PostgresServer.StartNewAsync();
        using var folder = CreateFolder("restart");
        await using var host = await StartAsync(folder, server);
        await host.Api.RunAsync("ada", "one");

        await server.StopAsync();
        using (var response = await host.Api.Http.PostAsJsonAsync("/v1/sessions/ada/runs", new { input = "two" }))
        {
            var problem = await response.Content.ReadAsStringAsync();
            Assert.True(response.StatusCode == HttpStatusCode.ServiceUnavailable, problem);
            Assert.Contains("storage-unavailable", problem, StringComparison.Ordinal);
            Assert.Contains("cannot be reached", problem, StringComparison.Ordinal);
            Assert.Equal(1, response.Headers.RetryAfter!.Delta!.Value.TotalSeconds);
        }

        await PostgresServer.WaitAsync(async () => await GetReadinessAsync(host) == HttpStatusCode.ServiceUnavailable);
        await server.StartAsync();
        var returned = Stopwatch.GetTimestamp();
        await PostgresServer.WaitAsync(async () => await GetReadinessAsync(host) == HttpStatusCode.OK);
        Assert.InRange(Stopwatch.GetElapsedTime(returned).TotalSeconds, 0, 2);

        Assert.Equal("Echo: three (2 earlier messages)", await host.Api.AskAsync("ada", "three"));
        Assert.DoesNotContain(PostgresServer.Password, host.Transcript, StringComparison.Ordinal);
        await host.StopAsync();
    }

    [PostgresFact]
    public async Task A_wrong_password_ends_the_start_with_its_cure()
    {
        var server = await SharedServer.GetAsync();
        using var folder = CreateFolder("refused");

        var (code, output, errors) = await RunningHost.RunAsync(folder, [], ("DATABASE", server.ConnectionString.Replace(PostgresServer.Password, "wrong-one", StringComparison.Ordinal)));

        Assert.NotEqual(0, code);
        Assert.Contains("refuses the user 'postgres'", output + errors, StringComparison.Ordinal);
        Assert.Contains("Check Username and Password of ConnectionString", output + errors, StringComparison.Ordinal);
        Assert.DoesNotContain("wrong-one", output + errors, StringComparison.Ordinal);
    }

    private static WorkFolder CreateFolder(string schema) => WorkFolder.Create(Configuration.Replace("SCHEMA", schema, StringComparison.Ordinal));

    private static Task<RunningHost> StartAsync(WorkFolder folder, PostgresServer server) => RunningHost.StartAsync(folder, ("DATABASE", server.ConnectionString));

    private static async Task<HttpStatusCode> GetReadinessAsync(RunningHost host)
    {
        using var response = await host.Api.Http.GetAsync(new Uri("/health/ready", UriKind.Relative));
        return response.StatusCode;
    }
}
