using System.Text.Json;

namespace PluginHost.Files.Tests;

/// <summary>No file holds deleted content, and no name of a file the id, while other sessions are written.</summary>
public sealed class ErasureTests : FileTestBase
{
    private const int Deletions = 30;

    private readonly Random _random = new(20261128);

    [Fact]
    public async Task No_file_holds_a_byte_of_a_deleted_session_while_other_sessions_are_written()
    {
        var (history, sessions) = (OpenHistory(), OpenSessions());
        var live = new List<SessionKey>();
        await WriteBesideAsync(history, sessions, async () =>
        {
            for (var deleted = 0; deleted < Deletions; deleted++)
            {
                while (live.Count < 6) live.Add(await CreateSessionAsync(history, sessions, $"erased-{deleted}-{live.Count}"));
                var key = live[_random.Next(live.Count)];
                live.Remove(key);
                Assert.True(Folder.Contains(key.Id), $"{key.Id} was not stored.");
                await history.DeleteAsync(new HistoryDeletion { Session = key }, None);
                await sessions.DeleteAsync(key, None);

                // Search for the id alone, to find keys in indexes, too.
                Assert.False(Folder.Contains(key.Id), $"After deletion {deleted}, a file still holds content of {key.Id}.");
                Assert.Empty(Directory.EnumerateFileSystemEntries(Folder.Store, $"*{key.Id}*", SearchOption.AllDirectories));
            }
        });

        foreach (var key in live) Assert.True(Folder.Contains(Canary(key)), $"{key.Id} was deleted, too.");
    }

    [Fact]
    public async Task No_file_holds_a_byte_of_a_deleted_message_or_of_a_failed_attempt_that_held_it()
    {
        var (history, sessions) = (OpenHistory(), OpenSessions());
        const int turns = 60;
        for (var i = 0; i < turns; i++)
        {
            // A failed attempt and its retry hold the same text.
            await history.AppendAsync(Append($"r{i}", text: $"erased-{i}-") with { Outcome = RunOutcome.Failed }, None);
            await history.AppendAsync(Append($"r{i}", text: $"erased-{i}-") with { Attempt = 2 }, None);
        }

        await WriteBesideAsync(history, sessions, async () =>
        {
            for (var i = turns - 1; i >= 0; i -= 2)
            {
                Assert.Equal(2, await history.DeleteAsync(new HistoryDeletion { Session = Session, MessageIds = [$"r{i}.in", $"r{i}.out"] }, None));
                Assert.False(Folder.Contains($"erased-{i}-"), $"A file still holds content of turn {i}.");
                Assert.True(Folder.Contains($"erased-{i - 1}-"), $"Turn {i - 1} was deleted, too.");
            }
        });
    }

    [Fact]
    public async Task No_file_holds_a_byte_of_a_removed_run()
    {
        var sessions = OpenSessions();
        for (var i = 1; i <= 10; i++) await sessions.SaveAsync(Save(i, Run($"erased-{i}-")), None);

        for (var i = 1; i <= 10; i += 3)
        {
            var version = 10 + ((i + 2) / 3);
            await sessions.SaveAsync(Save(version) with { RemovedRun = $"erased-{i}-" }, None);
            Assert.False(Folder.Contains($"erased-{i}-"), $"A file still holds content of run {i}.");
        }

        Assert.Equal(6, (await sessions.FindRunsAsync(new RunQuery { Tenant = "default", SessionId = "s1" }, None)).Items.Count);
    }

    private static string Canary(SessionKey key) => $"{key.Id}-canary";

    private async Task<SessionKey> CreateSessionAsync(FileHistory history, FileSessions sessions, string id)
    {
        var key = new SessionKey("default", $"{id}-{_random.Next()}");
        var version = 0;
        for (var turns = _random.Next(1, 4); turns > 0; turns--) await AddTurnAsync(history, sessions, key, ++version);
        return key;
    }

    private static async Task AddTurnAsync(FileHistory history, FileSessions sessions, SessionKey key, int version)
    {
        await history.AppendAsync(Append($"{key.Id}.{version}", key, Canary(key)), None);
        var record = new SessionRecord
        {
            Key = key,
            Version = version,
            CreatedAt = DateTimeOffset.UnixEpoch,
            UpdatedAt = DateTimeOffset.UnixEpoch.AddSeconds(version),
            Metadata = new Dictionary<string, string> { ["title"] = Canary(key) },
            State = new Dictionary<string, JsonElement> { ["memory"] = JsonElement.Parse($$"""{"facts":["{{Canary(key)}}"]}""") },
        };
        var run = new RunRecord
        {
            Id = $"{key.Id}.{version}",
            Session = key,
            Agent = "assistant",
            Status = RunStatus.Completed,
            CreatedAt = DateTimeOffset.UnixEpoch,
            IdempotencyKey = $"{key.Id}.{version}",
            Output = [new ChatMessage(ChatRole.Assistant, Canary(key))],
        };
        await sessions.SaveAsync(new SessionSave { Session = record, ExpectedVersion = version - 1, Run = run }, None);
    }

    /// <summary>Runs the deletions while two writers create, extend and delete other sessions.</summary>
    private static async Task WriteBesideAsync(FileHistory history, FileSessions sessions, Func<Task> deletions)
    {
        using var stop = new CancellationTokenSource();
        var writers = Enumerable.Range(0, 2).Select(i => Task.Run(() => WriteAsync(history, sessions, $"other{i}", stop.Token))).ToList();
        try
        {
            await deletions();
        }
        finally
        {
            await stop.CancelAsync();
            Assert.DoesNotContain(0, await Task.WhenAll(writers));
        }
    }

    /// <returns>The number of written turns.</returns>
    private static async Task<int> WriteAsync(FileHistory history, FileSessions sessions, string id, CancellationToken stop)
    {
        for (var i = 0; ; i++)
        {
            var key = new SessionKey("default", $"{id}-{i / 10}");
            await AddTurnAsync(history, sessions, key, (i % 10) + 1);
            if (i % 10 == 9)
            {
                await history.DeleteAsync(new HistoryDeletion { Session = key }, None);
                await sessions.DeleteAsync(key, None);
            }

            if (stop.IsCancellationRequested) return i + 1;
        }
    }
}
