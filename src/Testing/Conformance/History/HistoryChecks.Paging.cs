using PluginHost.Sdk.Testing.Conformance.Checks;

namespace PluginHost.Sdk.Testing.Conformance.History;

internal sealed partial class HistoryChecks
{
    [Case(ListOrder.Ascending, 7, true)]
    [Case(ListOrder.Ascending, 100, false)]
    [Case(ListOrder.Descending, 1, false)]
    [Case(ListOrder.Descending, 7, false)]
    [Case(ListOrder.Descending, 100, true)]
    public async Task Pages_in_either_order_neither_skip_nor_repeat_messages(ListOrder order, int limit, bool includeFailed)
    {
        for (var i = 0; i < 75; i++)
        {
            var outcome = i % 5 == 3 ? RunOutcome.Failed : RunOutcome.Completed;
            await AppendAsync(Append(Session, $"r{i}", 1, outcome, [.. Enumerable.Range(0, 4).Select(n => Text($"{i}.{n}", ChatRole.User))]));
        }

        var paged = await PageThroughAsync(order, limit, includeFailed);

        var all = (await ListAsync(Session, includeFailed)).Select(m => m.Id).ToList();
        Expect.Equal(includeFailed ? 300 : 240, all.Count);
        if (order == ListOrder.Descending) all.Reverse();
        Expect.Equal(all, paged);
    }

    [Case]
    public async Task Before_and_after_limit_the_page_in_either_order()
    {
        for (var i = 1; i <= 4; i++) await AppendAsync(Run($"r{i}"));
        var query = new HistoryQuery { Session = Session, Limit = 10 };

        Expect.Equal("r1.in r1.out r2.in", await IdsAsync(query with { Before = "r2.out" }));
        Expect.Equal("r2.in r1.out r1.in", await IdsAsync(query with { Before = "r2.out", Order = ListOrder.Descending }));
        Expect.Equal("r3.out r4.in r4.out", await IdsAsync(query with { After = "r3.in" }));
        Expect.Equal("r4.out r4.in r3.out", await IdsAsync(query with { After = "r3.in", Order = ListOrder.Descending }));
        Expect.Equal("r2.in r2.out r3.in", await IdsAsync(query with { After = "r1.out", Before = "r3.out" }));
        Expect.Equal("", await IdsAsync(query with { After = "r3.out", Before = "r2.in" }));
        Expect.Equal("", await IdsAsync(query with { Before = "r1.in" }));
        Expect.Equal("", await IdsAsync(query with { After = "r4.out" }));
    }

    [Case]
    public async Task The_limit_counts_from_the_start_of_the_order()
    {
        for (var i = 1; i <= 4; i++) await AppendAsync(Run($"r{i}"));
        var query = new HistoryQuery { Session = Session, Limit = 2 };

        Expect.Equal("r1.in r1.out", await IdsAsync(query));
        Expect.Equal("r4.out r4.in", await IdsAsync(query with { Order = ListOrder.Descending }));
        Expect.Equal("r1.in r1.out", await IdsAsync(query with { Before = "r4.in" }));
        Expect.Equal("r4.out r4.in", await IdsAsync(query with { After = "r1.in", Order = ListOrder.Descending }));
    }

    [Case]
    public async Task HasMore_reports_whether_more_messages_follow()
    {
        for (var i = 1; i <= 3; i++) await AppendAsync(Run($"r{i}"));
        await AppendAsync(Run("failed", outcome: RunOutcome.Failed));
        var query = new HistoryQuery { Session = Session, Limit = 5 };

        Expect.True((await Provider.LoadAsync(query, None)).HasMore);
        Expect.False((await Provider.LoadAsync(query with { Limit = 6 }, None)).HasMore);
        Expect.True((await Provider.LoadAsync(query with { Limit = 6, IncludeFailed = true }, None)).HasMore);
        Expect.True((await Provider.LoadAsync(query with { Limit = 5, Order = ListOrder.Descending }, None)).HasMore);
        Expect.False((await Provider.LoadAsync(query with { Limit = 6, Order = ListOrder.Descending }, None)).HasMore);
        Expect.False((await Provider.LoadAsync(query with { Limit = 2, Before = "r2.in" }, None)).HasMore);
    }

    [Case(ListOrder.Ascending)]
    [Case(ListOrder.Descending)]
    public async Task A_page_ends_behind_the_message_that_exceeds_its_bytes_and_the_next_one_continues(ListOrder order)
    {
        for (var i = 0; i < 8; i++) await AppendAsync(Append(Session, $"r{i}", 1, RunOutcome.Completed, Text($"{i}", ChatRole.User, new string('x', 10_000))));
        var query = new HistoryQuery { Session = Session, Limit = 6, Order = order };

        Expect.Equal(order == ListOrder.Ascending ? "0" : "7", await IdsAsync(query with { MaxBytes = 1 }));
        var first = await Provider.LoadAsync(query with { MaxBytes = 25_000 }, None);
        Expect.Equal(order == ListOrder.Ascending ? "0 1 2" : "7 6 5", Ids(first.Items));
        Expect.True(first.HasMore);
        var rest = query with { MaxBytes = 100_000 };
        Expect.Equal(order == ListOrder.Ascending ? "3 4 5 6 7" : "4 3 2 1 0", await IdsAsync(
            order == ListOrder.Ascending ? rest with { After = "2" } : rest with { Before = "5" }));
    }

    [Case]
    public async Task Up_to_a_run_includes_all_messages_at_its_end()
    {
        await AppendAsync(Append(Session, null, 1, RunOutcome.Completed, Text("seed", ChatRole.User)));
        for (var i = 1; i <= 3; i++) await AppendAsync(Run($"r{i}"));
        var query = new HistoryQuery { Session = Session, UpToRun = "r2", Limit = 10 };

        Expect.Equal("seed r1.in r1.out r2.in r2.out", await IdsAsync(query));
        Expect.Equal("r2.out r2.in r1.out", await IdsAsync(query with { Order = ListOrder.Descending, Limit = 3 }));
        Expect.Equal("r1.out r2.in r2.out", await IdsAsync(query with { After = "r1.in" }));
        Expect.Equal("", await IdsAsync(query with { After = "r3.in" }));
        await ReopenAsync();
        Expect.Equal("seed r1.in", await IdsAsync(query with { Limit = 2 }));
    }

    [Case]
    public async Task Messages_of_failed_runs_are_valid_bounds()
    {
        await AppendAsync(Run("r1"));
        await AppendAsync(Run("r2", outcome: RunOutcome.Failed));
        await AppendAsync(Run("r3"));
        var query = new HistoryQuery { Session = Session, Limit = 10 };

        Expect.Equal("r1.in r1.out", await IdsAsync(query with { UpToRun = "r2" }));
        Expect.Equal("r1.in r1.out", await IdsAsync(query with { Before = "r2.out" }));
        Expect.Equal("r3.in r3.out", await IdsAsync(query with { After = "r2.in" }));
    }

    [Case(ListOrder.Ascending)]
    [Case(ListOrder.Descending)]
    public async Task Unknown_bounds_give_an_empty_page(ListOrder order)
    {
        await AppendAsync(Run("r1"));
        await AppendAsync(Run("r9", new SessionKey("default", "other")));
        var query = new HistoryQuery { Session = Session, Limit = 10, Order = order };

        foreach (var unknown in new[] { query with { Before = "r9.in" }, query with { After = "r9.in" }, query with { UpToRun = "r9" } })
        {
            var page = await Provider.LoadAsync(unknown, None);
            Expect.Empty(page.Items);
            Expect.False(page.HasMore);
        }
    }

    private async Task<List<string>> PageThroughAsync(ListOrder order, int limit, bool includeFailed)
    {
        List<string> ids = [];
        var query = new HistoryQuery { Session = Session, Limit = limit, Order = order, IncludeFailed = includeFailed };
        while (true)
        {
            var page = await Provider.LoadAsync(query, None);
            Expect.InRange(page.Items.Count, page.HasMore ? limit : 1, limit);
            ids.AddRange(page.Items.Select(m => m.Id));
            if (!page.HasMore) return ids;
            query = order == ListOrder.Ascending ? query with { After = ids[^1] } : query with { Before = ids[^1] };
        }
    }
}
