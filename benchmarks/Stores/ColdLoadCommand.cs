using System.CommandLine;
using System.Diagnostics;
using Microsoft.Extensions.AI;
using PluginHost.Benchmarks.Http;
using PluginHost.Benchmarks.Runs;
using PluginHost.Sdk;
using PluginHost.Sdk.Testing;
using PluginHost.Sqlite;

namespace PluginHost.Benchmarks.Stores;

/// <summary>
/// The command <c>cold</c>. It loads the newest 50 messages of a history of a million messages without a cache and compares this with
/// hand-written code that reads the same rows, in alternating turns. It creates files in the working directory and deletes them.
/// </summary>
internal static class ColdLoadCommand
{
    private const int Window = 50, BatchSize = 1000, LoadsPerTurn = 200;

    private static readonly SessionKey Session = new("benchmark", "s");

    public static Command Create()
    {
        var messages = new Option<int>("--messages") { Description = "The number of messages in the history.", DefaultValueFactory = _ => 1_000_000 };
        var turns = new Option<int>("--turns") { Description = "The number of turns. The result is their median.", DefaultValueFactory = _ => 15 };
        var command = new Command("cold", "Compare loading the newest 50 messages of a long history without a cache with a hand-written query.") { messages, turns };
        command.SetAction((parsed, _) => RunAsync(parsed.GetValue(messages), parsed.GetValue(turns), parsed.InvocationConfiguration.Output));
        return command;
    }

    private static async Task RunAsync(int messages, int turns, TextWriter output)
    {
        var folder = Directory.CreateDirectory(Path.Combine(Environment.CurrentDirectory, $"cold-{Guid.NewGuid():N}")).FullName;
        try
        {
            await using var context = new TestPluginContext("sqlite-history", folder);
            var history = new SqliteHistory(new SqliteHistoryOptions("history.db", CacheMegabytes: 0), context);
            using var raw = new HistoryFile(Path.Combine(folder, "raw.db"));
            await FillAsync(history, raw, messages);
            var query = new HistoryQuery { Session = Session, Limit = Window, Order = ListOrder.Descending };
            var (pluginTimes, rawTimes) = (new List<double>(), new List<double>());
            for (var turn = 0; turn < turns; turn++)
            {
                rawTimes.Add(Measure(() => raw.ReadWindow(Session.Id, Window).Count));
                pluginTimes.Add(await MeasureAsync(async () => (await history.LoadAsync(query, CancellationToken.None)).Items.Count));
            }

            var (plugin, handWritten) = (Statistics.Median(pluginTimes), Statistics.Median(rawTimes));
            await output.WriteLineAsync("| load | µs | ratio |\n|---|--:|--:|");
            await output.WriteLineAsync($"| hand-written query and parsing | {handWritten:0} | 1.00 |");
            await output.WriteLineAsync($"| `sqlite-history`, without its cache | {plugin:0} | {plugin / handWritten:0.00} |");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task FillAsync(SqliteHistory history, HistoryFile raw, int messages)
    {
        var batch = Conversation.Create(BatchSize);
        for (var first = 0; first < messages; first += BatchSize)
        {
            await history.AppendAsync(
                new HistoryAppend
                {
                    Session = Session,
                    Messages = [.. batch.Select((m, i) => new HistoryMessage { Id = $"m{first + i}", Origin = m.Role == ChatRole.User ? MessageOrigin.Input : MessageOrigin.Output, Message = m, RunId = $"r{(first + i) / 2}" })],
                    CreatedAt = DateTimeOffset.UnixEpoch,
                },
                CancellationToken.None);
            using var transaction = raw.BeginTransaction();
            raw.Append(transaction, Session.Id, batch);
            transaction.Commit();
        }
    }

    private static double Measure(Func<int> load)
    {
        var began = Stopwatch.GetTimestamp();
        for (var i = 0; i < LoadsPerTurn; i++) Check(load());
        return Stopwatch.GetElapsedTime(began).TotalMicroseconds / LoadsPerTurn;
    }

    private static async Task<double> MeasureAsync(Func<Task<int>> load)
    {
        var began = Stopwatch.GetTimestamp();
        for (var i = 0; i < LoadsPerTurn; i++) Check(await load());
        return Stopwatch.GetElapsedTime(began).TotalMicroseconds / LoadsPerTurn;
    }

    private static void Check(int count)
    {
        if (count != Window) throw new InvalidOperationException($"Expected {Window} messages, got {count}.");
    }
}
