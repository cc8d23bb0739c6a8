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
        Assert.Null(query.Limit);
        Assert.InRange(history.Touched, 50, 50 * 4);
        Assert.Equal(2, history.Stored);
    }

    [Fact]
    public async Task The_history_in_memory_gives_the_newest_without_copying_and_never_a_result_without_its_call()
    {
        var history = new InMemoryHistory(window: 3);
        var messages = new ChatMessage[]
        {
            new(ChatRole.User, "hi"),
            new(ChatRole.Assistant, [new FunctionCallContent("1", "work")]),
            new(ChatRole.Tool, [new FunctionResultContent("1", "done")]),
            new(ChatRole.Assistant, "done"),
            new(ChatRole.User, "more"),
        };
        await history.AppendAsync(
            new HistoryAppend
            {
                Session = Key("s"),
                Messages = [.. messages.Select((m, i) => new HistoryMessage { Id = $"m{i}", Origin = MessageOrigin.Input, Message = m })],
            }, default);

        var page = await history.LoadAsync(new HistoryQuery { Session = Key("s") }, default);

        Assert.Equal(["done", "more"], page.Items.Select(m => m.Message.Text));
        Assert.IsType<ArraySegment<HistoryMessage>>(page.Items);
    }

    /// <summary>Counts every message that is looked at.</summary>
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
                    Id = $"m{count - window + index}",
                    Origin = MessageOrigin.Input,
                    Message = new(ChatRole.User, $"message {index}"),
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

        public ValueTask<int> DeleteAsync(SessionKey session, IReadOnlyList<string>? messageIds, CancellationToken cancellationToken) => new(0);

        public IEnumerator<HistoryMessage> GetEnumerator() => Enumerable.Range(0, window).Select(i => this[i]).GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
