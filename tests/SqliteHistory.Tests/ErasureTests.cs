using System.Globalization;
using Xunit.Abstractions;

namespace PluginHost.Sqlite.Tests;

/// <summary>
/// Nothing of what was deleted is in any file, however SQLite moved it about before. The long form, over 6 000 deletions, is one
/// command: <c>PLUGINHOST_ERASURES=6400 dotnet test tests/SqliteHistory.Tests --filter ErasureTests</c>.
/// </summary>
public sealed class ErasureTests(ITestOutputHelper output) : Stores
{
    private const int Talkers = 4;

    private static readonly int Deletions = int.Parse(
        Environment.GetEnvironmentVariable("PLUGINHOST_ERASURES") is { Length: > 0 } count ? count : "150", CultureInfo.InvariantCulture);

    private readonly Random _random = new(20261122);

    // Others write at their own moments, but not so much that the search takes the time.
    private readonly SemaphoreSlim _turns = new(0);

    [Fact]
    public async Task No_byte_of_a_deleted_session_is_in_any_file_while_others_are_written()
    {
        var (history, sessions) = (History(), Sessions());
        var live = new List<SessionKey>();
        using var ended = new CancellationTokenSource();
        var others = Enumerable.Range(0, Talkers).Select(i => Task.Run(() => TalkAsync(history, sessions, $"other{i}", ended.Token))).ToList();
        var slowest = TimeSpan.Zero;
        for (var deleted = 0; deleted < Deletions; deleted++)
        {
            _turns.Release(10);
            while (live.Count < 12) live.Add(await BeginAsync(history, sessions, $"s{deleted}-{live.Count}"));
            for (var i = 0; i < 4; i++) await GoOnAsync(history, sessions, live[_random.Next(live.Count)]);
            var key = live[_random.Next(live.Count)];
            live.Remove(key);
            var began = TimeProvider.System.GetTimestamp();
            await history.DeleteAsync(key, null, None);
            await sessions.DeleteAsync(key, None);
            var took = TimeProvider.System.GetElapsedTime(began);
            if (took > slowest) slowest = took;
            // The id alone, so that keys in indexes are found too.
            Assert.False(Folder.Contains(key.Id), $"After deletion {deleted}, something of {key.Id} is still in a file.");
        }

        await ended.CancelAsync();
        await Task.WhenAll(others);
        output.WriteLine($"{Deletions} deletions, the slowest took {slowest.TotalMilliseconds:0} ms; the database has {new FileInfo(DatabasePath).Length / 1024} KB.");
        foreach (var key in live) Assert.True(Folder.Contains(Canary(key)), $"{key.Id} was not deleted.");
        await CloseAsync();
        using var after = Connect(DatabasePath);
        Assert.Equal("ok", Ask(after, "PRAGMA integrity_check"));
    }

    [Fact]
    public async Task No_byte_of_a_deleted_message_is_in_any_file()
    {
        var history = History();
        for (var i = 0; i < 200; i++) await history.AppendAsync(Turn(Session, i, $"canary-{i}-"), None);

        for (var i = 0; i < 200; i += 3)
        {
            Assert.Equal(1, await history.DeleteAsync(Session, [$"{Session.Id}.{i}.in"], None));
            Assert.False(Folder.Contains($"canary-{i}-"), $"Something of message {i} is still in a file.");
        }
    }

    private static string Canary(SessionKey key) => $"{key.Id}-canary";

    private static HistoryAppend Turn(SessionKey session, int turn, string text) => Run($"{session.Id}.{turn}", session) with
    {
        Messages = [Message($"{session.Id}.{turn}.in", ChatRole.User, text)],
    };

    private async Task<SessionKey> BeginAsync(SqliteHistory history, SqliteSessions sessions, string id)
    {
        var key = new SessionKey("default", $"{id}-{_random.Next()}");
        await sessions.SaveAsync(new SessionSave(Record(key, 1), 0), None);
        await GoOnAsync(history, sessions, key);
        return key;
    }

    private async Task GoOnAsync(SqliteHistory history, SqliteSessions sessions, SessionKey key)
    {
        var old = await FindAsync(sessions, key);
        var version = old!.Version + 1;
        // From less than a page to several of them, and never the same, so that rows are moved in every way.
        var text = string.Concat(Enumerable.Repeat(Canary(key) + " ", _random.Next(1, _random.Next(4) == 0 ? 600 : 40)));
        var append = Turn(key, (int)version, text);
        var run = new RunRecord($"{key.Id}.{version}", key, "assistant", RunStatus.Completed, DateTimeOffset.UnixEpoch)
        {
            Output = [new ChatMessage(ChatRole.Assistant, text)],
        };
        await sessions.SaveAsync(
            new SessionSave(Record(key, version), version - 1) { Previous = old, Run = run, Appends = [new CoveredAppend(history, append)] }, None);
    }

    private static SessionRecord Record(SessionKey key, long version) => new(key, version, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddSeconds(version))
    {
        Metadata = new Dictionary<string, string> { ["title"] = Canary(key) },
        State = new Dictionary<string, System.Text.Json.JsonElement>
        {
            ["memory"] = System.Text.Json.JsonElement.Parse($$"""{"facts":["{{Canary(key)}}",{{version}}]}"""),
        },
    };

    private async Task TalkAsync(SqliteHistory history, SqliteSessions sessions, string id, CancellationToken ended)
    {
        SessionRecord? previous = null;
        for (var i = 1; !ended.IsCancellationRequested; i++)
        {
            await _turns.WaitAsync(ended).ContinueWith(static _ => { }, TaskScheduler.Default);
            // New sessions again and again, so that pages are laid out anew; the file must not grow beyond what can be searched.
            if (i % 40 == 1 && previous is { } old)
            {
                await history.DeleteAsync(old.Key, null, None);
                await sessions.DeleteAsync(old.Key, None);
                previous = null;
            }

            var key = new SessionKey("default", $"{id}-{i / 40}");
            var next = Record(previous?.Key ?? key, (previous?.Version ?? 0) + 1);
            var append = Turn(next.Key, i, new string('o', 40 * (i % 60)));
            await sessions.SaveAsync(new SessionSave(next, next.Version - 1) { Previous = previous, Appends = [new CoveredAppend(history, append)] }, None);
            previous = next;
        }
    }
}
