using System.CommandLine;
using System.Diagnostics;
using Microsoft.Extensions.AI;
using PluginHost.Benchmarks.Http;
using PluginHost.Benchmarks.Runs;
using PluginHost.Conformance;
using PluginHost.Sdk;
using PluginHost.Sqlite;

namespace PluginHost.Benchmarks.Stores;

/// <summary>
/// <c>cold</c>: the newest 50 messages of a history of a million, read from the database each time, beside the same rows read and
/// parsed with Microsoft.Data.Sqlite by hand. By turns in one process. Files go below the working directory, and are removed.
/// </summary>
internal static class ColdLoadCommand
{
    private const int Window = 50, Group = 1000, LoadsOfTurn = 200;

    private static readonly SessionKey Session = new("benchmark", "s");

    public static Command Create()
    {
        var messages = new Option<int>("--messages") { Description = "Messages of the history.", DefaultValueFactory = _ => 1_000_000 };
        var turns = new Option<int>("--turns") { Description = "Turns of each; the median counts.", DefaultValueFactory = _ => 15 };
        var command = new Command("cold", "Load the newest 50 messages of a long history without a cache, as a ratio to a query written by hand.") { messages, turns };
        command.SetAction((parsed, _) => RunAsync(parsed.GetValue(messages), parsed.GetValue(turns), parsed.InvocationConfiguration.Output));
        return command;
    }

    private static async Task RunAsync(int messages, int turns, TextWriter output)
    {
        var folder = Directory.CreateDirectory(Path.Combine(Environment.CurrentDirectory, $"cold-{Guid.NewGuid():N}")).FullName;
        try
        {
            await using var context = new TestPluginContext(folder, "sqlite-history");
            var history = new SqliteHistory(new SqliteHistoryOptions("history.db", Window, CacheMegabytes: 0), context);
            using var raw = new HistoryFile(Path.Combine(folder, "raw.db"));
            await FillAsync(history, raw, messages);
            var query = new HistoryQuery(Session);
            var (ours, theirs) = (new List<double>(), new List<double>());
            for (var turn = 0; turn < turns; turn++)
            {
                theirs.Add(Time(() => raw.ReadWindow(Session.Id, Window).Count));
                ours.Add(await TimeAsync(async () => (await history.LoadAsync(query, CancellationToken.None)).Items.Count));
            }

            var (host, hand) = (Median(ours), Median(theirs));
            await output.WriteLineAsync($"| what | µs | ratio |\n|---|--:|--:|\n| query and parsing by hand | {hand:0} | 1.00 |\n| `sqlite-history`, without its cache | {host:0} | {host / hand:0.00} |");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task FillAsync(SqliteHistory history, HistoryFile raw, int messages)
    {
        var turn = Conversation.Create(Group);
        for (var first = 0; first < messages; first += Group)
        {
            await history.AppendAsync(
                new HistoryAppend(
                    Session,
                    [.. turn.Select((m, i) => new HistoryMessage($"m{first + i}", m.Role == ChatRole.User ? MessagePart.Input : MessagePart.Output, m) { RunId = $"r{(first + i) / 2}" })])
                {
                    CreatedAt = DateTimeOffset.UnixEpoch,
                },
                CancellationToken.None);
            using var transaction = raw.Begin();
            raw.Append(transaction, Session.Id, turn);
            transaction.Commit();
        }
    }

    private static double Time(Func<int> load)
    {
        var began = Stopwatch.GetTimestamp();
        for (var i = 0; i < LoadsOfTurn; i++) Check(load());
        return Stopwatch.GetElapsedTime(began).TotalMicroseconds / LoadsOfTurn;
    }

    private static async Task<double> TimeAsync(Func<Task<int>> load)
    {
        var began = Stopwatch.GetTimestamp();
        for (var i = 0; i < LoadsOfTurn; i++) Check(await load());
        return Stopwatch.GetElapsedTime(began).TotalMicroseconds / LoadsOfTurn;
    }

    private static void Check(int count)
    {
        if (count != Window) throw new InvalidOperationException($"{count} messages were loaded, not {Window}.");
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
