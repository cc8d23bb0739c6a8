using PluginHost.Sdk.Testing.Conformance.Checks;

namespace PluginHost.Sdk.Testing.Conformance.History;

internal sealed partial class HistoryChecks
{
    [Case]
    public async Task The_newest_messages_come_first_and_older_ones_are_announced()
    {
        for (var i = 0; i < 10; i++) await AppendAsync(Run($"r{i}"));
        await ReopenAsync();

        var page = await Provider.LoadAsync(QueryNewest(Session, 3), None);

        Expect.Equal("r9.out r9.in r8.out", Ids(page.Items));
        Expect.True(page.HasMore);
        Expect.False((await Provider.LoadAsync(QueryNewest(Session, 20), None)).HasMore);
        Expect.Equal("r0.in r0.out r1.in", await IdsAsync(new HistoryQuery { Session = Session, Limit = 3 }));
    }

    [Case]
    public async Task The_same_limit_and_other_ones_give_the_newest_after_every_append()
    {
        for (var i = 0; i < 12; i++)
        {
            await AppendAsync(Run($"r{i}", outcome: i % 3 == 1 ? RunOutcome.Failed : RunOutcome.Completed));
            var all = (await ListAsync(Session, includeFailed: false)).Select(m => m.Id).ToList();
            foreach (var limit in new[] { 4, 1, 6, 50 }) Expect.Equal(string.Join(' ', all.TakeLast(limit)), await WindowAsync(Session, limit));
        }
    }

    [Case]
    public async Task Failed_runs_do_not_count_in_the_newest_messages()
    {
        for (var i = 0; i < 10; i++) await AppendAsync(Run($"r{i}", outcome: i % 2 == 0 ? RunOutcome.Completed : RunOutcome.Failed));

        await ReopenAsync();

        Expect.Equal("r6.in r6.out r8.in r8.out", await WindowAsync(Session, 4));
    }

    [Case]
    public async Task A_budget_of_tokens_may_shorten_a_page_but_not_reorder_it()
    {
        for (var i = 0; i < 5; i++) await AppendAsync(Run($"r{i}"));

        var page = await Provider.LoadAsync(QueryNewest(Session, 10) with { MaxTokens = 1 }, None);

        Expect.InRange(page.Items.Count, 0, 10);
        Expect.Equal("r4.out r4.in r3.out r3.in r2.out r2.in r1.out r1.in r0.out r0.in"[..Ids(page.Items).Length], Ids(page.Items));
        Expect.Equal(page.Items.Count < 10, page.HasMore);
    }

    [Case]
    public async Task Pinned_messages_that_are_older_than_a_page_follow_it_newest_first_or_are_all_left_out()
    {
        await AppendAsync(Append(Session, null, 1, RunOutcome.Completed, Pinned("first"), Pinned("second"), Pinned("removed")));
        await AppendAsync(Append(Session, "r0", 1, RunOutcome.Failed, Pinned("retried")));
        await AppendAsync(Append(Session, "r0", 2, RunOutcome.Failed, Pinned("failed")));
        for (var i = 1; i < 6; i++) await AppendAsync(Append(Session, $"r{i}", 1, RunOutcome.Completed, Text($"r{i}.in", ChatRole.User), i == 5 ? Pinned("r5.out") : Text($"r{i}.out", ChatRole.Assistant)));
        await AppendAsync(Append(Session, "r6", 1, RunOutcome.Completed, Text("r6.in", ChatRole.User)));
        await Provider.DeleteAsync(new HistoryDeletion { Session = Session, MessageIds = ["removed"] }, None);
        var query = QueryNewest(Session, 3) with { PinnedLimit = 8 };
        Expect.Equal("r6.in r5.out r5.in", await IdsAsync(query with { PinnedLimit = 0 }));
        var keeps = MustReturnPinned || (await Provider.LoadAsync(query, None)).Items.Count > 3;

        for (var opened = 0; opened < 2; opened++)
        {
            // Again, because a history may have cached the first answer.
            for (var i = 0; i < 2; i++)
            {
                await ExpectAsync(query, "r6.in r5.out r5.in", "second first", hasMore: true);
                await ExpectAsync(query with { Limit = 1 }, "r6.in", "r5.out second first", hasMore: true);
                await ExpectAsync(query with { PinnedLimit = 1 }, "r6.in r5.out r5.in", "second", hasMore: true);
                await ExpectAsync(query with { IncludeFailed = true }, "r6.in r5.out r5.in", "failed second first", hasMore: true);
                await ExpectAsync(query with { Before = "r5.in" }, "r4.out r4.in r3.out", "second first", hasMore: true);
                await ExpectAsync(query with { Limit = 1, UpToRun = "r5" }, "r5.out", "second first", hasMore: true);
                await ExpectAsync(query with { Limit = 1, After = "first" }, "r6.in", "r5.out second", hasMore: true);
                await ExpectAsync(query with { Limit = 50 }, "r6.in r5.out r5.in r4.out r4.in r3.out r3.in r2.out r2.in r1.out r1.in second first", "", hasMore: false);
                await ExpectAsync(query with { Order = ListOrder.Ascending }, "first second r1.in", "", hasMore: true);
            }

            await ReopenAsync();
        }

        for (var i = 7; i < 9; i++) await AppendAsync(Append(Session, $"r{i}", 1, RunOutcome.Completed, Text($"r{i}.in", ChatRole.User)));
        await ExpectAsync(query, "r8.in r7.in r6.in", "r5.out second first", hasMore: true);

        async Task ExpectAsync(HistoryQuery asked, string page, string pinned, bool hasMore)
        {
            var found = await Provider.LoadAsync(asked, None);
            Expect.Equal(keeps && pinned.Length > 0 ? $"{page} {pinned}" : page, Ids(found.Items));
            Expect.Equal(hasMore, found.HasMore);
        }
    }

    [Case]
    public async Task Tool_results_are_returned_without_their_calls()
    {
        var call = new ChatMessage(ChatRole.Assistant, [new FunctionCallContent("c1", "ask")]);
        var result = new ChatMessage(ChatRole.Tool, [new FunctionResultContent("c1", "yes")]);
        await AppendAsync(Append(
            Session, "r1", 1, RunOutcome.Completed,
            new HistoryMessage { Id = "call", Origin = MessageOrigin.Output, Message = call },
            new HistoryMessage { Id = "result", Origin = MessageOrigin.Output, Message = result }));

        Expect.Equal("result", await WindowAsync(Session, 1));
    }
}
