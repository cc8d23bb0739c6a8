namespace PluginHost.Benchmarks.Hosts;

/// <summary>Counts the database's transactions while nothing happens, without sessions and with many.</summary>
internal static class IdleMeasurement
{
    public static async Task RunAsync(HostGroup group, HostsOptions options, TextWriter output, CancellationToken cancellationToken)
    {
        var client = group.Connect(await group.StartAsync("one", cancellationToken));
        var before = await CountAsync(group, options, cancellationToken);
        await Parallel.ForAsync(
            0, options.Sessions, new ParallelOptions { MaxDegreeOfParallelism = 32, CancellationToken = cancellationToken },
            async (i, cancel) => await HostGroup.RunAsync(client, $"idle-{i}", cancel));
        // Until the host has given them up: half a minute after their last use.
        while (await group.QueryAsync<long>($"SELECT count(*) FROM {group.Schema}.claims", cancellationToken) > 0) await Task.Delay(TimeSpan.FromSeconds(1), cancellationToken);
        var after = await CountAsync(group, options, cancellationToken);
        await output.WriteLineAsync($"A host at rest sends {before:0.0} transactions a second without sessions, and {after:0.0} with {options.Sessions} idle ones.");
    }

    private static async Task<double> CountAsync(HostGroup group, HostsOptions options, CancellationToken cancellationToken)
    {
        const string count = "SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()";
        // The server adds up with a delay.
        var seconds = Math.Max(options.Seconds, 10);
        await Task.Delay(TimeSpan.FromSeconds(3), cancellationToken);
        var begin = await group.QueryAsync<long>(count, cancellationToken);
        await Task.Delay(TimeSpan.FromSeconds(seconds), cancellationToken);
        return (await group.QueryAsync<long>(count, cancellationToken) - begin) / (double)seconds;
    }
}
