using Microsoft.Extensions.AI;
using PluginHost.Engine.Sessions.InMemory;
using PluginHost.Sdk;

namespace PluginHost.Tests.Engine;

/// <summary>The stores in memory with many sessions and messages.</summary>
public sealed class InMemorySessionTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly string[] Tenants = ["a", "b", "c"];

    [Fact]
    public async Task Every_page_is_a_part_of_all_sessions_in_order_while_sessions_come_move_and_go()
    {
        var random = new Random(7);
        var store = new InMemorySessions();
        var all = new Dictionary<SessionKey, SessionRecord>();
        for (var step = 0; step < 4_000; step++)
        {
            var key = new SessionKey(Tenants[random.Next(3)], $"s{random.Next(60)}");
            if (random.Next(5) == 0)
            {
                await store.DeleteAsync(key, default);
                all.Remove(key);
            }
            else
            {
                // Times often repeat, and a clock may go back.
                var now = Start.AddSeconds((step / 8) - random.Next(3));
                var before = all.GetValueOrDefault(key);
                var record = (before ?? new SessionRecord { Key = key, Version = 0, CreatedAt = now, UpdatedAt = now }) with { Version = (before?.Version ?? 0) + 1, UpdatedAt = now };
                await store.SaveAsync(new SessionSave { Session = record, ExpectedVersion = record.Version - 1, Previous = before }, default);
                all[key] = record;
            }

            var query = CreateQuery(random, key, Start.AddSeconds(step / 8));
            var page = await store.FindSessionsAsync(query, default);
            var (items, hasMore) = Expected(all.Values, query);
            Assert.True(
                items.SequenceEqual(page.Items.Select(s => s.Key)) && hasMore == page.HasMore,
                $"Step {step}, {query}: [{string.Join(' ', page.Items.Select(s => s.Key))}] {page.HasMore}, not [{string.Join(' ', items)}] {hasMore}.");
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_page_takes_no_more_memory_when_there_are_many_sessions(bool byLastSave)
    {
        var store = new InMemorySessions();
        var few = await MeasureAsync(store, 0, 200, byLastSave);
        var many = await MeasureAsync(store, 200, 20_000, byLastSave);
        Assert.InRange(many, 0, 2 * few);
    }

    [Fact]
    public void Pages_after_many_deletions_do_not_look_at_the_deleted_sessions_each_time()
    {
        var sessions = Enumerable.Range(0, 10_000)
            .Select(i => new SessionRecord { Key = new("a", $"s{i}"), Version = 1, CreatedAt = Start.AddSeconds(i), UpdatedAt = Start.AddSeconds(i) })
            .ToDictionary(s => s.Key.Id);
        var looks = 0;
        var order = new SessionIndex(
            id =>
            {
                looks++;
                return sessions.GetValueOrDefault(id);
            },
            s => s.CreatedAt);
        foreach (var session in sessions.Values) order.Add(session);
        for (var i = 0; i < 4_900; i++)
        {
            sessions.Remove($"s{i}");
            order.Leave();
        }

        for (var page = 0; page < 10; page++) Assert.Equal("s4900", order.Read(null, null, null, isBackwards: false).Take(50).ToList()[0].Key.Id);
        Assert.InRange(looks, 0, 30_000);
    }

    [Fact]
    public async Task An_import_of_many_messages_takes_seconds_where_its_square_would_take_minutes()
    {
        var history = new InMemoryHistory();
        var messages = Enumerable.Range(0, 500_000).Select(i => new HistoryMessage { Id = $"m{i % 400_000}", Origin = MessageOrigin.Input, Message = new(ChatRole.User, "hi") }).ToList();
        var append = new HistoryAppend { Session = new("a", "s"), Messages = messages };

        // In parts, as an import comes.
        await Task.Run(async () =>
        {
            foreach (var part in messages.Chunk(1_000)) await history.AppendAsync(append with { Messages = part }, default);
        }).WaitAsync(TimeSpan.FromSeconds(30));
        await history.AppendAsync(append with { Messages = [messages[0], messages[1] with { Id = "new" }] }, default);

        var newest = await history.LoadAsync(new HistoryQuery { Session = append.Session, Limit = 2, Order = ListOrder.Descending }, default);
        Assert.Equal(["new", "m399999"], newest.Items.Select(m => m.Id));
    }

    private static async Task<long> MeasureAsync(InMemorySessions store, int from, int to, bool byLastSave)
    {
        for (var i = from; i < to; i++)
        {
            var record = new SessionRecord { Key = new("a", $"s{i}"), Version = 1, CreatedAt = Start.AddSeconds(i), UpdatedAt = Start.AddSeconds(i) };
            await store.SaveAsync(new SessionSave { Session = record, ExpectedVersion = 0 }, default);
        }

        var query = new SessionQuery { Tenant = "a", After = $"s{from + 10}", IdleSince = byLastSave ? DateTimeOffset.MaxValue : null };
        // The first one allocates what is made once.
        await store.FindSessionsAsync(query, default);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var page = await store.FindSessionsAsync(query, default);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal($"s{from + 11}", page.Items[0].Key.Id);
        return allocated;
    }

    private static SessionQuery CreateQuery(Random random, SessionKey key, DateTimeOffset now) => new()
    {
        Tenant = key.Tenant,
        AllTenants = random.Next(4) == 0,
        Id = random.Next(4) == 0 ? key.Id : null,
        Limit = random.Next(1, 6),
        Order = random.Next(2) == 0 ? ListOrder.Ascending : ListOrder.Descending,
        After = random.Next(3) == 0 ? $"s{random.Next(60)}" : null,
        Before = random.Next(3) == 0 ? $"s{random.Next(60)}" : null,
        IdleSince = random.Next(2) == 0 ? now.AddSeconds(-random.Next(100)) : null,
    };

    /// <summary>The page as the documentation of <see cref="SessionQuery"/> says it, found slowly.</summary>
    private static (List<SessionKey> Items, bool HasMore) Expected(IEnumerable<SessionRecord> all, SessionQuery query)
    {
        var sorted = all.Where(s => query.AllTenants || s.Key.Tenant == query.Tenant)
            .OrderBy(s => query.IdleSince is null ? s.CreatedAt : s.UpdatedAt)
            .ThenBy(s => s.Key.Id, StringComparer.Ordinal)
            .ThenBy(s => s.Key.Tenant, StringComparer.Ordinal)
            .Select(s => s.Key)
            .ToList();
        if (query.Order == ListOrder.Descending) sorted.Reverse();
        if ((query.After ?? query.Before) is not null && new[] { query.After, query.Before }.Any(id => id is not null && !sorted.Contains(new(query.Tenant, id)))) return ([], false);
        if (query.After is { } after) sorted = sorted[(sorted.IndexOf(new(query.Tenant, after)) + 1)..];
        if (query.Before is { } before) sorted = sorted[..Math.Max(0, sorted.IndexOf(new(query.Tenant, before)))];
        var idle = all.Where(s => query.IdleSince is not { } since || s.UpdatedAt < since).Select(s => s.Key).ToHashSet();
        var found = sorted.Where(idle.Contains).Where(k => query.Id is null || k.Id == query.Id).ToList();
        var isFromEnd = query is { Before: not null, After: null };
        var page = isFromEnd ? found[Math.Max(0, found.Count - query.Limit)..] : found[..Math.Min(query.Limit, found.Count)];
        return (page, found.Count > query.Limit);
    }
}
