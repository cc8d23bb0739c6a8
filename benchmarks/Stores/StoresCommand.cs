using System.CommandLine;
using System.Diagnostics;
using Microsoft.Extensions.AI;
using PluginHost.Benchmarks.Http;
using PluginHost.Benchmarks.Runs;
using PluginHost.Files;
using PluginHost.Sdk;
using PluginHost.Sdk.Testing;
using PluginHost.Sqlite;

namespace PluginHost.Benchmarks.Stores;

/// <summary>
/// The command <c>stores</c>. It measures durable appends of both built-in history plugins and compares them with hand-written code
/// that writes the same rows. It creates files in the working directory and deletes them.
/// </summary>
internal static class StoresCommand
{
    private const int Sessions = 32;

    private static readonly List<ChatMessage> Turn = Conversation.Create(2);

    public static Command Create()
    {
        var appends = new Option<int>("--appends") { Description = "The number of appends per session.", DefaultValueFactory = _ => 200 };
        var command = new Command("stores", "Compare durable appends per second with hand-written loops over SQLite.") { appends };
        command.SetAction((parsed, _) => RunAsync(parsed.GetValue(appends), parsed.InvocationConfiguration.Output));
        return command;
    }

    private static async Task RunAsync(int appends, TextWriter output)
    {
        var folder = Directory.CreateDirectory(Path.Combine(Environment.CurrentDirectory, $"stores-{Guid.NewGuid():N}")).FullName;
        try
        {
            var batched = MeasureRawLoop(Path.Combine(folder, "raw-32.db"), appends, Sessions);
            var single = MeasureRawLoop(Path.Combine(folder, "raw-1.db"), Math.Max(1, appends / 10), 1);
            var (sqlite, slowest) = await MeasureSqliteHistoryAsync(Path.Combine(folder, "sqlite"), appends);
            var (concurrent, sequential) = await MeasureFileHistoryAsync(Path.Combine(folder, "files"), Math.Max(1, appends / 10));
            await output.WriteLineAsync("| store | appends/s | ratio |\n|---|--:|--:|");
            await output.WriteLineAsync($"| hand-written loop, 32 runs per commit | {batched:0} | 1.00 |");
            await output.WriteLineAsync($"| hand-written loop, one run per commit | {single:0} | {single / batched:0.00} |");
            await output.WriteLineAsync($"| sqlite-history, {Sessions} concurrent sessions (slowest append {slowest:0.0} ms) | {sqlite:0} | {sqlite / batched:0.00}; {sqlite / single:0.0} to one run per commit |");
            await output.WriteLineAsync($"| file-history, one session at a time | {sequential:0} | 1.00 |");
            await output.WriteLineAsync($"| file-history, {Sessions} concurrent sessions | {concurrent:0} | {concurrent / sequential:0.0} |");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static double MeasureRawLoop(string path, int appends, int runsPerCommit)
    {
        using var file = new HistoryFile(path);
        var began = Stopwatch.GetTimestamp();
        var count = 0;
        for (var i = 0; i < appends * Sessions / runsPerCommit; i++)
        {
            using var transaction = file.BeginTransaction();
            for (var run = 0; run < runsPerCommit; run++) file.Append(transaction, $"s{count++ % Sessions}", Turn);
            transaction.Commit();
        }

        return count / Stopwatch.GetElapsedTime(began).TotalSeconds;
    }

    private static async Task<(double PerSecond, double SlowestMilliseconds)> MeasureSqliteHistoryAsync(string folder, int appends)
    {
        await using var context = new TestPluginContext("sqlite-history", folder);
        var history = new SqliteHistory(new SqliteHistoryOptions("sessions.db"), context);
        await history.StartAsync(CancellationToken.None);
        await AppendConcurrentlyAsync(history, 0, appends / 4);
        var result = await AppendConcurrentlyAsync(history, appends / 4, appends);
        await history.StopAsync(CancellationToken.None);
        return result;
    }

    private static async Task<(double Concurrent, double Sequential)> MeasureFileHistoryAsync(string folder, int appends)
    {
        await using var context = new TestPluginContext("file-history", folder);
        var history = new FileHistory(new FileHistoryOptions("files"), context);
        await AppendConcurrentlyAsync(history, 0, 2);
        var concurrent = await AppendConcurrentlyAsync(history, 2, appends);
        var began = Stopwatch.GetTimestamp();
        for (var i = 0; i < appends; i++)
        {
            for (var session = 0; session < Sessions; session++) await history.AppendAsync(CreateAppend(session, 2 + appends + i), CancellationToken.None);
        }

        var sequential = appends * Sessions / Stopwatch.GetElapsedTime(began).TotalSeconds;
        return (concurrent.PerSecond, sequential);
    }

    private static async Task<(double PerSecond, double SlowestMilliseconds)> AppendConcurrentlyAsync(IHistoryProvider history, int first, int count)
    {
        var began = Stopwatch.GetTimestamp();
        var slowest = await Task.WhenAll(Enumerable.Range(0, Sessions).Select(session => Task.Run(async () =>
        {
            var longest = TimeSpan.Zero;
            for (var i = first; i < first + count; i++)
            {
                var start = Stopwatch.GetTimestamp();
                await history.AppendAsync(CreateAppend(session, i), CancellationToken.None);
                var time = Stopwatch.GetElapsedTime(start);
                if (time > longest) longest = time;
            }

            return longest;
        })));
        return (count * Sessions / Stopwatch.GetElapsedTime(began).TotalSeconds, slowest.Max().TotalMilliseconds);
    }

    private static HistoryAppend CreateAppend(int session, int run)
    {
        var id = $"run_{Guid.CreateVersion7():N}";
        var now = DateTimeOffset.UtcNow;
        return new HistoryAppend
        {
            Session = new SessionKey("benchmark", $"s{session}"),
            Messages = [.. Turn.Select((m, i) => new HistoryMessage
            {
                Id = $"{id}.{run}.{i}",
                Origin = i == 0 ? MessageOrigin.Input : MessageOrigin.Output,
                Message = m,
                RunId = id, Agent = "assistant", CreatedAt = now,
            })],
            RunId = id,
            Agent = "assistant",
            CreatedAt = now,
        };
    }
}
