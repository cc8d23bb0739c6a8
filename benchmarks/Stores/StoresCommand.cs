using System.CommandLine;
using System.Diagnostics;
using Microsoft.Extensions.AI;
using PluginHost.Benchmarks.Http;
using PluginHost.Benchmarks.Runs;
using PluginHost.Conformance;
using PluginHost.Sdk;
using PluginHost.Files;
using PluginHost.Sqlite;

namespace PluginHost.Benchmarks.Stores;

/// <summary>
/// <c>stores</c>: durable appends of both shipped histories, a user's and an assistant's message each, beside the same rows written
/// with Microsoft.Data.Sqlite by hand. Files go below the working directory's disk, and are removed.
/// </summary>
internal static class StoresCommand
{
    private const int Sessions = 32;

    private static readonly List<ChatMessage> Turn = Conversation.Create(2);

    public static Command Create()
    {
        var appends = new Option<int>("--appends") { Description = "Appends per session.", DefaultValueFactory = _ => 200 };
        var command = new Command("stores", "Durable appends a second, as ratios to loops over SQLite written by hand.") { appends };
        command.SetAction((parsed, _) => RunAsync(parsed.GetValue(appends), parsed.InvocationConfiguration.Output));
        return command;
    }

    private static async Task RunAsync(int appends, TextWriter output)
    {
        var folder = Directory.CreateDirectory(Path.Combine(Environment.CurrentDirectory, $"stores-{Guid.NewGuid():N}")).FullName;
        try
        {
            var shared = Raw(Path.Combine(folder, "raw-32.db"), appends, Sessions);
            var single = Raw(Path.Combine(folder, "raw-1.db"), Math.Max(1, appends / 10), 1);
            var (sqlite, slowest) = await SqliteAsync(Path.Combine(folder, "sqlite"), appends);
            var (together, alone) = await FilesAsync(Path.Combine(folder, "files"), Math.Max(1, appends / 10));
            await output.WriteLineAsync("| what | appends/s | ratio |\n|---|--:|--:|");
            await output.WriteLineAsync($"| raw loop, 32 runs to a commit | {shared:0} | 1.00 |");
            await output.WriteLineAsync($"| raw loop, one commit per run | {single:0} | {single / shared:0.00} |");
            await output.WriteLineAsync($"| sqlite-history, {Sessions} sessions at once (slowest append {slowest:0.0} ms) | {sqlite:0} | {sqlite / shared:0.00}; {sqlite / single:0.0} of one commit per run |");
            await output.WriteLineAsync($"| file-history, one session after another | {alone:0} | 1.00 |");
            await output.WriteLineAsync($"| file-history, {Sessions} sessions at once | {together:0} | {together / alone:0.0} |");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static double Raw(string path, int appends, int perCommit)
    {
        using var file = new HistoryFile(path);
        var began = Stopwatch.GetTimestamp();
        var count = 0;
        for (var i = 0; i < appends * Sessions / perCommit; i++)
        {
            using var transaction = file.Begin();
            for (var run = 0; run < perCommit; run++) file.Append(transaction, $"s{count++ % Sessions}", Turn);
            transaction.Commit();
        }

        return count / Stopwatch.GetElapsedTime(began).TotalSeconds;
    }

    private static async Task<(double PerSecond, double SlowestMilliseconds)> SqliteAsync(string folder, int appends)
    {
        await using var context = new TestPluginContext(folder, "sqlite-history");
        var history = new SqliteHistory(new SqliteHistoryOptions("sessions.db"), context);
        await history.StartAsync(CancellationToken.None);
        await AllAsync(history, 0, appends / 4, Sessions);
        var result = await AllAsync(history, appends / 4, appends, Sessions);
        await history.StopAsync(CancellationToken.None);
        return result;
    }

    private static async Task<(double Together, double Alone)> FilesAsync(string folder, int appends)
    {
        await using var context = new TestPluginContext(folder, "file-history");
        var history = new FileHistory(new FileHistoryOptions("files"), context);
        await AllAsync(history, 0, 2, Sessions);
        var together = await AllAsync(history, 2, appends, Sessions);
        var began = Stopwatch.GetTimestamp();
        for (var i = 0; i < appends; i++)
        {
            for (var session = 0; session < Sessions; session++) await history.AppendAsync(Append(session, 2 + appends + i), CancellationToken.None);
        }

        var alone = appends * Sessions / Stopwatch.GetElapsedTime(began).TotalSeconds;
        return (together.PerSecond, alone);
    }

    private static async Task<(double PerSecond, double SlowestMilliseconds)> AllAsync(IHistoryProvider history, int first, int count, int sessions)
    {
        var began = Stopwatch.GetTimestamp();
        var slowest = await Task.WhenAll(Enumerable.Range(0, sessions).Select(session => Task.Run(async () =>
        {
            var longest = TimeSpan.Zero;
            for (var i = first; i < first + count; i++)
            {
                var start = Stopwatch.GetTimestamp();
                await history.AppendAsync(Append(session, i), CancellationToken.None);
                var time = Stopwatch.GetElapsedTime(start);
                if (time > longest) longest = time;
            }

            return longest;
        })));
        return (count * sessions / Stopwatch.GetElapsedTime(began).TotalSeconds, slowest.Max().TotalMilliseconds);
    }

    private static HistoryAppend Append(int session, int run)
    {
        var id = $"run_{Guid.CreateVersion7():N}";
        var now = DateTimeOffset.UtcNow;
        return new HistoryAppend(
            new SessionKey("benchmark", $"s{session}"),
            [.. Turn.Select((m, i) => new HistoryMessage($"{id}.{run}.{i}", i == 0 ? MessagePart.Input : MessagePart.Output, m)
            {
                RunId = id, Agent = "assistant", CreatedAt = now,
            })])
        {
            RunId = id,
            Agent = "assistant",
            CreatedAt = now,
        };
    }
}
