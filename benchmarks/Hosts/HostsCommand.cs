using System.CommandLine;
using Npgsql;

namespace PluginHost.Benchmarks.Hosts;

/// <summary>
/// The command <c>hosts</c>. It measures hosts that share one PostgreSQL: a request through a host that does not have the session, how long a session of a
/// lost host is away, and durable runs beside pgbench with the same statements.
/// </summary>
internal static class HostsCommand
{
    private static readonly OrderedDictionary<string, Func<HostGroup, HostsOptions, TextWriter, CancellationToken, Task>> Measurements = new()
    {
        ["foreign"] = ForeignMeasurement.RunAsync,
        ["loss"] = LossMeasurement.RunAsync,
        ["database"] = DatabaseMeasurement.RunAsync,
        ["shared"] = SharedSessionMeasurement.RunAsync,
        ["idle"] = IdleMeasurement.RunAsync,
    };

    public static Command Create()
    {
        var host = new Option<FileInfo>("--host") { Description = "The host's pluginhost.dll. The command starts and stops hosts.", Required = true };
        host.AcceptExistingOnly();
        var postgres = new Option<string>("--postgres")
        {
            Description = "A connection string. The command uses new schemas there and removes them. The server should do nothing else.",
            Required = true,
        };
        var requests = IntegerOption.Create("--requests", 2000, 1, "The number of requests through each host.");
        var losses = IntegerOption.Create("--losses", 10, 1, "How often a host is killed, and how often it is stopped.");
        var seconds = IntegerOption.Create("--seconds", 10, 1, "The duration of each turn of durable runs and of pgbench in seconds.");
        var rounds = IntegerOption.Create("--rounds", 5, 1, "The number of turns.");
        var sessions = IntegerOption.Create("--sessions", 10_000, 1, "The number of idle sessions.");
        var only = new Option<string?>("--only") { Description = "One measurement." };
        only.AcceptOnlyFromAmong([.. Measurements.Keys]);
        var command = new Command("hosts", "Measure hosts with one PostgreSQL. Needs pgbench.") { host, postgres, requests, losses, seconds, rounds, sessions, only };
        command.SetAction((parsed, cancellationToken) => RunAsync(
            new HostsOptions(
                parsed.GetValue(host)!.FullName, new NpgsqlConnectionStringBuilder(parsed.GetValue(postgres)!), parsed.GetValue(requests), parsed.GetValue(losses),
                parsed.GetValue(seconds), parsed.GetValue(rounds), parsed.GetValue(sessions)),
            parsed.GetValue(only),
            parsed.InvocationConfiguration.Output,
            cancellationToken));
        return command;
    }

    private static async Task RunAsync(HostsOptions options, string? only, TextWriter output, CancellationToken cancellationToken)
    {
        foreach (var (name, measure) in Measurements)
        {
            if (only is not null && only != name) continue;
            await using var group = await HostGroup.CreateAsync(options, cancellationToken);
            await measure(group, options, output, cancellationToken);
        }
    }
}

/// <summary>What is measured.</summary>
/// <param name="HostAssembly">The host's pluginhost.dll.</param>
/// <param name="Database">How to connect to the database.</param>
/// <param name="Requests">The number of requests through each host.</param>
/// <param name="Losses">How often a host is killed, and how often it is stopped.</param>
/// <param name="Seconds">The duration of each turn of durable runs and of pgbench in seconds.</param>
/// <param name="Rounds">The number of turns.</param>
/// <param name="Sessions">The number of idle sessions.</param>
internal sealed record HostsOptions(string HostAssembly, NpgsqlConnectionStringBuilder Database, int Requests, int Losses, int Seconds, int Rounds, int Sessions);
