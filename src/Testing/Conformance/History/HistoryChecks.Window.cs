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
