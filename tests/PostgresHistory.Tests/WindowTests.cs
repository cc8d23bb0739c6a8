using PluginHost.Postgres.Tests.Server;

namespace PluginHost.Postgres.Tests;

/// <summary>What a host answers from memory is what the database answers.</summary>
[Collection(nameof(Alone))]
public sealed class WindowTests : StoreTest
{
    private const int Changes = 300;

    [PostgresTheory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Random_changes_leave_each_window_as_the_database_has_it(int seed)
    {
        var server = await SharedServer.GetAsync();
        var (history, sessions) = (History(server.ConnectionString), Sessions(server.ConnectionString));
        await RenewAsync(sessions, "first");
        // Without a lease, it asks the database each time.
        var asking = History(server.ConnectionString, isOtherHost: true);
        var (random, version) = (new Random(seed), 0L);
        for (var i = 0; i < Changes; i++)
        {
            var kind = random.Next(12);
            if (kind == 0) await history.AppendAsync(Create(random, $"r{i}"), None);
            else if (kind == 1) await history.DeleteAsync(new HistoryDeletion { Session = Session, MessageIds = [$"r{random.Next(i + 1)}.out"] }, None);
            else await sessions.SaveAsync(Save(++version, $"r{i}", new CoveredAppend { History = history, Append = Create(random, $"r{i}") }), None);

            var query = new HistoryQuery { Session = Session, Order = ListOrder.Descending, Limit = random.Next(1, 12), PinnedLimit = random.Next(4) };
            var (expected, found) = (await ReadAsync(asking, query), await ReadAsync(history, query));
            Assert.True(expected == found, $"Seed {seed}, change {i}: {expected} became {found}.");
        }
    }

    private static HistoryAppend Create(Random random, string run)
    {
        var append = Append(run) with { Attempt = random.Next(8) == 0 ? 2 : 1, Outcome = random.Next(5) == 0 ? RunOutcome.Failed : RunOutcome.Completed };
        if (random.Next(4) != 0) return append;
        var pinned = new ChatMessage(ChatRole.User, "pinned") { AdditionalProperties = new() { ["pinned"] = true } };
        return append with { Messages = [append.Messages[0] with { Message = pinned }, append.Messages[1]] };
    }

    private static async Task<string> ReadAsync(PostgresHistory history, HistoryQuery query)
    {
        var page = await history.LoadAsync(query, None);
        return $"{string.Join(' ', page.Items.Select(static m => m.Id))} (more: {page.HasMore})";
    }
}
