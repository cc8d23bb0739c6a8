using System.Globalization;
using Xunit.Abstractions;

namespace PluginHost.EndToEnd.Swaps;

/// <summary>
/// What a reload of ten agents with five plugins costs beside load, and what it costs the runs. The bounds are wide, for busy machines;
/// the figures are written to the test's output, and those of one run are in benchmarks/README.md.
/// </summary>
[Trait("Form", "Long")]
public sealed class ReloadCostTests(ITestOutputHelper output)
{
    private const int Reloads = 10;

    private static readonly TimeSpan LimitOfReload = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan Noise = TimeSpan.FromMilliseconds(500);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Ten_agents_with_five_plugins_are_reloaded_beside_load_and_runs_hardly_notice(bool isChanged)
    {
        await using var host = await VersionedHost.StartAsync(SwapStore.Sqlite);
        host.Work.Configure(Configuration());
        await host.ReloadAsync();
        await using var load = new SwapLoad(host.Host.Api, "show instructions", VersionedHost.Answer(1, 1), agent: "a0");
        // Until the hot methods are compiled.
        await load.AnsweredAsync(perCaller: 60);
        var quiet = await MeasureAsync(load, () => load.AnsweredAsync(perCaller: 30));

        var during = await MeasureAsync(load, async () =>
        {
            for (var i = 0; i < Reloads; i++)
            {
                // Another hash loads the plugin anew.
                if (isChanged) host.Work.Write("plugins/Versioned/build.txt", $"{i}");
                await host.ReloadAsync();
                await load.AnsweredAsync(perCaller: 3);
            }
        });
        await load.FinishAsync(host.Host);

        var builds = (await host.Host.Api.GetAsync("/v1/generations"))["data"]!.AsArray().Take(Reloads).Select(g => TimeSpan.FromMilliseconds((double)g!["build_ms"]!)).Order().ToList();
        var median = builds[builds.Count / 2];
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{(isChanged ? "changed" : "unchanged")} files: reload {median.TotalMilliseconds:0} ms ({builds[0].TotalMilliseconds:0} to {builds[^1].TotalMilliseconds:0}), "
            + $"p99 of runs {during.TotalMilliseconds:0} ms, quiet {quiet.TotalMilliseconds:0} ms ({during / quiet:0.00})."));
        Assert.True(median < LimitOfReload, $"A reload took {median}.");
        Assert.True(during < (2 * quiet) + Noise, $"p99 was {during} during reloads, and {quiet} before.");
    }

    /// <returns>The 99th percentile of the runs that end meanwhile.</returns>
    private static async Task<TimeSpan> MeasureAsync(SwapLoad load, Func<Task> act)
    {
        load.Durations.Clear();
        await act();
        var sorted = load.Durations.Order().ToList();
        return sorted[(int)(sorted.Count * 0.99)];
    }

    private static string Configuration()
    {
        var chain = $$"""
            [ {{SwapStore.Sqlite.History}}, { "Plugin": "redaction" }, { "Plugin": "memory" }, { "Plugin": "versioned" }, { "Plugin": "versioned", "Name": "second" } ]
            """;
        var agents = Enumerable.Range(0, 10).Select(i => $$""" "a{{i}}": { "Model": { "Client": "echo" }, "Chain": {{chain}} }""");
        return $$"""
            {
              "Agents": { {{string.Join(", ", agents)}} },
              "Sessions": { "Store": {{SwapStore.Sqlite.Sessions}} },
              "PluginFolders": [ "plugins" ],
              "Logging": { "LogLevel": { "Default": "Information", "Microsoft.AspNetCore": "Warning" } }
            }
            """;
    }
}
