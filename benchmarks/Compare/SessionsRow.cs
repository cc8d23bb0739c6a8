using System.Diagnostics;
using System.Text.Json;
using PluginHost.Benchmarks.Load;

namespace PluginHost.Benchmarks.Compare;

/// <summary>Many sessions of one run each: how long a page of their list takes, and the memory of the host. Stores in memory are compared with SQLite.</summary>
internal static class SessionsRow
{
    private const int Connections = 32, PageSize = 50, PagesPerTurn = 50;

    public static async Task<IReadOnlyList<Comparison>> MeasureAsync(CompareOptions options, CancellationToken cancellationToken)
    {
        await using var site = new CompareSite(options);
        ServerProcess[] servers = [await site.StartHostAsync(HostForm.Memory, null, cancellationToken), await site.StartHostAsync(HostForm.Sqlite, null, cancellationToken)];
        foreach (var server in servers) await Task.WhenAll(Enumerable.Range(0, Connections).Select(i => CreateAsync(server, i, options.Sessions / Connections, cancellationToken)));
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        // The first turn compiles what lists need.
        var turns = await Turns.TakeAsync<double>(
            [.. servers.Select(Func<Task<double>> (server) => () => ListAsync(client, server, cancellationToken))], TimeSpan.FromMilliseconds(1), options.Rounds);
        double[] memory = [.. servers.Select(s => s.Megabytes)];
        var work = $"{options.Sessions / Connections * Connections} sessions in memory";
        return
        [
            new(work, $"a page of {PageSize}, median, ms", HostForm.Sqlite.Name, turns[0], turns[1], Target.ValueOfAtMost(2)),
            new(work, "MB of the host", HostForm.Sqlite.Name, [memory[0]], [memory[1]]),
        ];
    }

    private static async Task CreateAsync(ServerProcess server, int connection, int sessions, CancellationToken cancellationToken)
    {
        using var open = await RawConnection.OpenAsync(server.Address.Host, server.Address.Port, cancellationToken);
        for (var i = 0; i < sessions; i++)
        {
            var request = RawConnection.CreatePost(server.Address.Authority, $"/v1/sessions/many-{connection}-{i}/runs", """{"agent":"assistant","input":"Hello."}""");
            await open.SendAsync(request, cancellationToken: cancellationToken);
        }
    }

    /// <summary>Reads pages, each after the one before.</summary>
    /// <returns>The median in milliseconds.</returns>
    private static async Task<double> ListAsync(HttpClient client, ServerProcess server, CancellationToken cancellationToken)
    {
        var durations = new List<double>();
        string? after = null;
        while (durations.Count < PagesPerTurn)
        {
            var began = Stopwatch.GetTimestamp();
            var answer = await client.GetByteArrayAsync(new Uri(server.Address, $"/v1/sessions?limit={PageSize}{(after is null ? "" : $"&after={after}")}"), cancellationToken);
            durations.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            using var page = JsonDocument.Parse(answer);
            after = page.RootElement.GetProperty("has_more").GetBoolean() ? page.RootElement.GetProperty("data")[PageSize - 1].GetProperty("id").GetString() : null;
        }

        return Statistics.Median(durations);
    }
}
