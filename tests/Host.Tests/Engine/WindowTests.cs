using System.Collections;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Sessions.InMemory;
using PluginHost.Sdk;
using static PluginHost.Tests.Engine.TestEngine;

namespace PluginHost.Tests.Engine;

/// <summary>What a run costs does not grow with its history: it looks at the window and at nothing else.</summary>
public sealed class WindowTests
{
    [Fact]
    public async Task A_run_reads_its_window_a_few_times_and_asks_for_no_more()
    {
        var history = new Long(10_000, window: 50);
        var model = ScriptedModel.Saying("ok");
        await using var engine = new TestEngine(
            model,
            [
                Plugin(history, "h", e => e with { StoreContext = true }),
                Plugin(new Probe.Middleware((r, next, ct) => next(r, ct)), "m"),
                Plugin(new Probe.Context(_ => ContextContribution.Empty), "c"),
            ]);

        await engine.RunAsync("s", "hi");

        Assert.Equal(51, model.Calls[0].Messages.Count);
        var query = Assert.Single(history.Queries);
        Assert.Equal((50, ListOrder.Descending, false), (query.Limit, query.Order, query.IncludeFailed));
        Assert.InRange(history.Touched, 50, 50 * 4);
        Assert.Equal(2, history.Stored);
    }

    [Fact]
    public async Task The_built_in_history_keeps_pinned_messages_that_are_older_than_the_window()
    {
        var history = new InMemoryHistory();
        var pinned = new ChatMessage(ChatRole.User, "pinned") { AdditionalProperties = new() { ["pinned"] = true } };
        await history.AppendAsync(
            new HistoryAppend { Session = Key("s"), Messages = [new() { Id = "p", Origin = MessageOrigin.Input, Message = pinned }] }, CancellationToken.None);
        await FillAsync(history);
        var model = ScriptedModel.Saying("ok");
        await using var engine = new TestEngine(model, [Plugin(history, "h", e => e with { Window = 1 })]);

        await engine.RunAsync("s", "now");
        await history.DeleteAsync(new HistoryDeletion { Session = Key("s"), MessageIds = ["p"] }, CancellationToken.None);
        await engine.RunAsync("s", "now");

        Assert.Equal("pinned more now", Show(model.Calls[0].Messages));
        Assert.Equal("ok now", Show(model.Calls[1].Messages));
        var page = await history.LoadAsync(new HistoryQuery { Session = Key("s"), Limit = 1, Order = ListOrder.Descending, PinnedLimit = 1 }, CancellationToken.None);
        Assert.Single(page.Items);
    }

    [Theory]
    [InlineData(1, "more")]
    [InlineData(2, "done more")]
    [InlineData(3, "done more")]
    [InlineData(4, "call result done more")]
    [InlineData(50, "hi call result done more")]
    public async Task The_window_is_the_newest_messages_without_a_result_whose_call_is_cut_off(int window, string expected)
    {
        var history = new InMemoryHistory();
        await FillAsync(history);
        var model = ScriptedModel.Saying("ok");
        await using var engine = new TestEngine(model, [Plugin(history, "h", e => e with { Window = window })]);

        await engine.RunAsync("s", "now");

        Assert.Equal($"{expected} now", Show(model.Calls[0].Messages));
    }

    [Theory]
    [InlineData(1, "more now")]
    [InlineData(3, "done more now")]
    [InlineData(1000, "hi call result done more now")]
    public async Task The_window_ends_before_it_exceeds_its_tokens(int tokens, string expected)
    {
        var history = new InMemoryHistory();
        await FillAsync(history);
        var model = ScriptedModel.Saying("ok");
        await using var engine = new TestEngine(model, [Plugin(history, "h", e => e with { MaxTokens = tokens })]);

        await engine.RunAsync("s", "now");

        Assert.Equal(expected, Show(model.Calls[0].Messages));
    }

    [Fact]
    public async Task A_history_that_returns_more_than_it_was_asked_for_is_cut()
    {
        var model = ScriptedModel.Saying("ok");
        await using var engine = new TestEngine(model, [Plugin(new Long(100, window: 100), "h", e => e with { Window = 3 })]);

        await engine.RunAsync("s", "hi");

        Assert.Equal(["message 97", "message 98", "message 99", "hi"], model.Calls[0].Messages.Select(m => m.Text));
    }

    [Fact]
    public async Task The_history_in_memory_gives_the_newest_without_copying()
    {
        var history = new InMemoryHistory();
        await FillAsync(history);

        var page = await history.LoadAsync(new HistoryQuery { Session = Key("s"), Limit = 2, Order = ListOrder.Descending }, default);

        Assert.Equal(["more", "done"], page.Items.Select(m => m.Message.Text));
        Assert.IsType<NewestFirst>(page.Items);
    }

    private static ValueTask FillAsync(InMemoryHistory history)
    {
        var messages = new ChatMessage[]
        {
            new(ChatRole.User, "hi"),
            new(ChatRole.Assistant, [new FunctionCallContent("1", "call")]),
            new(ChatRole.Tool, [new FunctionResultContent("1", "result")]),
            new(ChatRole.Assistant, "done"),
            new(ChatRole.User, "more"),
        };
        return history.AppendAsync(
            new HistoryAppend
            {
                Session = Key("s"),
                Messages = [.. messages.Select((m, i) => new HistoryMessage { Id = $"m{i}", Origin = MessageOrigin.Input, Message = m })],
            },
            default);
    }

    private static string Show(IEnumerable<ChatMessage> messages) => string.Join(' ', messages.SelectMany(m => m.Contents).Select(c => c switch
    {
        FunctionCallContent call => call.Name,
        FunctionResultContent result => $"{result.Result}",
        _ => c.ToString(),
    }));

    /// <summary>Counts every message that is looked at. Newest first.</summary>
    private sealed class Long(int count, int window) : IHistoryProvider, IReadOnlyList<HistoryMessage>
    {
        public List<HistoryQuery> Queries { get; } = [];

        public int Touched { get; private set; }

        public int Stored { get; private set; }

        public int Count => window;

        public HistoryMessage this[int index]
        {
            get
            {
                Touched++;
                return new HistoryMessage
                {
                    Id = $"m{count - 1 - index}",
                    Origin = MessageOrigin.Input,
                    Message = new(ChatRole.User, $"message {count - 1 - index}"),
                };
            }
        }

        public ValueTask<Page<HistoryMessage>> LoadAsync(HistoryQuery query, CancellationToken cancellationToken)
        {
            Queries.Add(query);
            return new(new Page<HistoryMessage> { Items = this, HasMore = true });
        }

        public ValueTask AppendAsync(HistoryAppend append, CancellationToken cancellationToken)
        {
            Stored += append.Messages.Count;
            return default;
        }

        public ValueTask<int> DeleteAsync(HistoryDeletion deletion, CancellationToken cancellationToken) => new(0);

        public IEnumerator<HistoryMessage> GetEnumerator() => Enumerable.Range(0, window).Select(i => this[i]).GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
