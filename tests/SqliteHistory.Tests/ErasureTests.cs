using System.Globalization;
using Xunit.Abstractions;

namespace PluginHost.Sqlite.Tests;

/// <summary>
/// No file holds deleted content, even after SQLite moved it between pages. For the long run with 6 400 deletions use
/// <c>PLUGINHOST_ERASURES=6400 dotnet test tests/SqliteHistory.Tests --filter ErasureTests</c>.
/// </summary>
public sealed class ErasureTests(ITestOutputHelper output) : StoreTestBase
{
    private const int BackgroundWriters = 4;

    private static readonly int Deletions = int.Parse(
        Environment.GetEnvironmentVariable("PLUGINHOST_ERASURES") is { Length: > 0 } count ? count : "150", CultureInfo.InvariantCulture);

    private readonly Random _random = new(20261122);

    // Limits the background writes, so that the files stay small enough to search.
    private readonly SemaphoreSlim _writeBudget = new(0);

    [Fact]
    [Trait("Form", "Long")]
    public async Task No_file_holds_a_byte_of_a_deleted_session_while_other_sessions_are_written()
    {
        var (history, sessions) = (History(), Sessions());
        var live = new List<SessionKey>();
        using var stop = new CancellationTokenSource();
        var writers = Enumerable.Range(0, BackgroundWriters).Select(i => Task.Run(() => WriteInBackgroundAsync(history, sessions, $"other{i}", stop.Token))).ToList();
        var slowest = TimeSpan.Zero;
        for (var deleted = 0; deleted < Deletions; deleted++)
        {
            _writeBudget.Release(10);
            while (live.Count < 12) live.Add(await CreateSessionAsync(history, sessions, $"s{deleted}-{live.Count}"));
            for (var i = 0; i < 4; i++) await AddTurnAsync(history, sessions, live[_random.Next(live.Count)]);
            var key = live[_random.Next(live.Count)];
            live.Remove(key);
            var started = TimeProvider.System.GetTimestamp();
            await history.DeleteAsync(new HistoryDeletion { Session = key }, None);
            await sessions.DeleteAsync(key, None);
            var duration = TimeProvider.System.GetElapsedTime(started);
            if (duration > slowest) slowest = duration;
            // Search for the id alone, to find keys in indexes, too.
            Assert.False(Folder.Contains(key.Id), $"After deletion {deleted}, a file still holds content of {key.Id}.");
        }

        await stop.CancelAsync();
        await Task.WhenAll(writers);
        output.WriteLine($"{Deletions} deletions, slowest {slowest.TotalMilliseconds:0} ms, database {new FileInfo(DatabasePath).Length / 1024} KB.");
        foreach (var key in live) Assert.True(Folder.Contains(Canary(key)), $"{key.Id} was not deleted.");
        await CloseAsync();
        using var after = Connect(DatabasePath);
        Assert.Equal("ok", QueryScalar(after, "PRAGMA integrity_check"));
    }

    [Fact]
    public async Task No_file_holds_a_byte_of_a_deleted_message()
    {
        var history = History();
        for (var i = 0; i < 200; i++) await history.AppendAsync(Turn(Session, i, $"canary-{i}-"), None);

        for (var i = 0; i < 200; i += 3)
        {
            Assert.Equal(1, await history.DeleteAsync(new HistoryDeletion { Session = Session, MessageIds = [$"{Session.Id}.{i}.in"] }, None));
            Assert.False(Folder.Contains($"canary-{i}-"), $"A file still holds content of message {i}.");
        }
    }

    private static string Canary(SessionKey key) => $"{key.Id}-canary";

    private static HistoryAppend Turn(SessionKey session, int turn, string text) => Run($"{session.Id}.{turn}", session) with
    {
        Messages = [Message($"{session.Id}.{turn}.in", ChatRole.User, text)],
    };

    private async Task<SessionKey> CreateSessionAsync(SqliteHistory history, SqliteSessions sessions, string id)
    {
        var key = new SessionKey("default", $"{id}-{_random.Next()}");
        await sessions.SaveAsync(new SessionSave { Session = Record(key, 1), ExpectedVersion = 0 }, None);
        await AddTurnAsync(history, sessions, key);
        return key;
    }

    private async Task AddTurnAsync(SqliteHistory history, SqliteSessions sessions, SessionKey key)
    {
        var old = await FindAsync(sessions, key);
        var version = old!.Version + 1;
        // Sizes vary from less than a page to several pages, so that SQLite moves rows in many ways.
        var text = string.Concat(Enumerable.Repeat(Canary(key) + " ", _random.Next(1, _random.Next(4) == 0 ? 600 : 40)));
        var append = Turn(key, (int)version, text);
        var run = new RunRecord
        {
            Id = $"{key.Id}.{version}",
            Session = key,
            Agent = "assistant",
            Status = RunStatus.Completed,
            CreatedAt = DateTimeOffset.UnixEpoch,
            Output = [new ChatMessage(ChatRole.Assistant, text)],
        };
        await sessions.SaveAsync(
            new SessionSave { Session = Record(key, version), ExpectedVersion = version - 1, Previous = old, Run = run, Appends = [new CoveredAppend { History = history, Append = append }] }, None);
    }

    private static SessionRecord Record(SessionKey key, long version) => new()
    {
        Key = key,
        Version = version,
        CreatedAt = DateTimeOffset.UnixEpoch,
        UpdatedAt = DateTimeOffset.UnixEpoch.AddSeconds(version),
        Metadata = new Dictionary<string, string> { ["title"] = Canary(key) },
        State = new Dictionary<string, System.Text.Json.JsonElement>
        {
            ["memory"] = System.Text.Json.JsonElement.Parse($$"""{"facts":["{{Canary(key)}}",{{version}}]}"""),
        },
    };

    private async Task WriteInBackgroundAsync(SqliteHistory history, SqliteSessions sessions, string id, CancellationToken stop)
    {
        SessionRecord? previous = null;
        for (var i = 1; !stop.IsCancellationRequested; i++)
        {
            await _writeBudget.WaitAsync(stop).ContinueWith(static _ => { }, TaskScheduler.Default);
            // New sessions make SQLite rebuild pages, and deletions keep the file small enough to search.
            if (i % 40 == 1 && previous is { } old)
            {
                await history.DeleteAsync(new HistoryDeletion { Session = old.Key }, None);
                await sessions.DeleteAsync(old.Key, None);
                previous = null;
            }

            var key = new SessionKey("default", $"{id}-{i / 40}");
            var next = Record(previous?.Key ?? key, (previous?.Version ?? 0) + 1);
            var append = Turn(next.Key, i, new string('o', 40 * (i % 60)));
            await sessions.SaveAsync(new SessionSave { Session = next, ExpectedVersion = next.Version - 1, Previous = previous, Appends = [new CoveredAppend { History = history, Append = append }] }, None);
            previous = next;
        }
    }
}
