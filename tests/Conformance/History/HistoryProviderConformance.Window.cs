namespace PluginHost.Conformance;

public abstract partial class HistoryProviderConformance
{
    [Fact]
    public async Task Without_a_limit_the_window_keeps_the_newest_messages()
    {
        for (var i = 0; i < 10; i++) await AppendAsync(Run($"r{i}"));

        await ReopenAsync(window: 4);

        Assert.Equal("r8.in r8.out r9.in r9.out", await IdsAsync(new HistoryQuery { Session = Session }));
        Assert.Equal(20, (await ListAsync(Session)).Count);
        Assert.Equal("r0.in r0.out r1.in r1.out r2.in r2.out", await IdsAsync(new HistoryQuery { Session = Session, Limit = 6 }));
    }

    [Fact]
    public async Task Failed_runs_do_not_count_in_the_window()
    {
        for (var i = 0; i < 10; i++) await AppendAsync(Run($"r{i}", outcome: i % 2 == 0 ? RunOutcome.Completed : RunOutcome.Failed));

        await ReopenAsync(window: 4);

        Assert.Equal("r6.in r6.out r8.in r8.out", await IdsAsync(new HistoryQuery { Session = Session }));
    }

    [Fact]
    public async Task No_window_splits_a_tool_call_from_its_result()
    {
        await AppendAsync(Append(Session, "r1", 1, RunOutcome.Completed, ToolRun("a")));
        await AppendAsync(Append(Session, "r2", 1, RunOutcome.Completed, ToolRun("b")));
        var all = (await ListAsync(Session)).Select(m => m.Id).ToList();

        for (var window = 1; window <= all.Count + 1; window++)
        {
            await ReopenAsync(window);
            var loaded = (await Provider.LoadAsync(new HistoryQuery { Session = Session }, None)).Items;

            Assert.InRange(loaded.Count, Math.Min(window, all.Count) - 3, window);
            Assert.Equal(all.TakeLast(loaded.Count), loaded.Select(m => m.Id));
            AssertNoResultWithoutItsCall(loaded);
        }
    }

    [Fact]
    public async Task An_open_call_is_kept_and_matches_its_result_in_the_next_run()
    {
        var call = new HistoryMessage
        {
            Id = "call",
            Origin = MessageOrigin.Output,
            Message = new ChatMessage(ChatRole.Assistant, [new FunctionCallContent("c1", "ask")]),
        };
        var result = new HistoryMessage
        {
            Id = "result",
            Origin = MessageOrigin.Input,
            Message = new ChatMessage(ChatRole.Tool, [new FunctionResultContent("c1", "yes")]),
        };
        await AppendAsync(Append(Session, "r1", 1, RunOutcome.Completed, Text("in", ChatRole.User), call));
        await ReopenAsync(window: 1);
        Assert.Equal("call", await IdsAsync(new HistoryQuery { Session = Session }));

        await AppendAsync(Append(Session, "r2", 1, RunOutcome.Completed, result, Text("out", ChatRole.Assistant)));

        await ReopenAsync(window: 3);
        Assert.Equal("call result out", await IdsAsync(new HistoryQuery { Session = Session }));
        await ReopenAsync(window: 2);
        Assert.Equal("out", await IdsAsync(new HistoryQuery { Session = Session }));
    }

    [Fact]
    public async Task A_list_returns_tool_results_without_their_calls()
    {
        await AppendAsync(Append(Session, "r1", 1, RunOutcome.Completed, ToolRun("a")));

        Assert.Equal("a.out a.result2b a.result2a", await IdsAsync(new HistoryQuery { Session = Session, Limit = 3, Order = ListOrder.Descending }));
    }

    /// <summary>One tool call, then two parallel calls with results in two messages.</summary>
    private static HistoryMessage[] ToolRun(string name) =>
    [
        Text($"{name}.in", ChatRole.User),
        Calls($"{name}.call1", $"{name}1"),
        Result($"{name}.result1", $"{name}1"),
        Calls($"{name}.call2", $"{name}2", $"{name}3"),
        Result($"{name}.result2a", $"{name}2"),
        Result($"{name}.result2b", $"{name}3"),
        Text($"{name}.out", ChatRole.Assistant),
    ];

    private static HistoryMessage Calls(string id, params string[] callIds) =>
        new()
        {
            Id = id,
            Origin = MessageOrigin.Output,
            Message = new ChatMessage(ChatRole.Assistant, [.. callIds.Select(c => new FunctionCallContent(c, "tool"))]),
        };

    private static HistoryMessage Result(string id, string callId) =>
        new() { Id = id, Origin = MessageOrigin.Output, Message = new ChatMessage(ChatRole.Tool, [new FunctionResultContent(callId, "done")]) };

    private static void AssertNoResultWithoutItsCall(IReadOnlyList<HistoryMessage> messages)
    {
        HashSet<string> called = [];
        foreach (var content in messages.SelectMany(m => m.Message.Contents))
        {
            if (content is FunctionCallContent call) called.Add(call.CallId);
            if (content is FunctionResultContent result) Assert.Contains(result.CallId, called);
        }
    }
}
