using System.IO.Pipelines;
using System.Text;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Time.Testing;
using PluginHost.Engine.Runs.Live;
using PluginHost.Http.Streaming;
using PluginHost.Native;
using PluginHost.Native.Resources;
using PluginHost.OpenAI.Responses;
using PluginHost.Sdk;

namespace PluginHost.Tests.Api;

public sealed class EventStreamTests
{
    private static readonly RunRecord Run = new()
    {
        Id = "r",
        Session = new SessionKey("default", "s"),
        Agent = "a",
        Status = RunStatus.Running,
        CreatedAt = DateTimeOffset.UnixEpoch,
    };

    [Fact]
    public async Task Silence_is_broken_by_comments_and_events_stay_whole()
    {
        var time = new FakeTimeProvider();
        var source = System.Threading.Channels.Channel.CreateUnbounded<RunEvent>();
        var pipe = new Pipe();
        var writing = PumpAsync(source.Reader.ReadAllAsync(), pipe.Writer, time, CancellationToken.None);

        await source.Writer.WriteAsync(new RunEvent.Started(Run) { Id = 1 });
        Assert.StartsWith("id: 1\nevent: run.started\ndata: {", await NextAsync(pipe));
        Assert.Matches(@"\A(: waiting\n\n)+\z", await AfterSilenceAsync(pipe, time));
        Assert.Matches(@"\A(: waiting\n\n)+\z", await AfterSilenceAsync(pipe, time));
        await source.Writer.WriteAsync(new RunEvent.Ended(Run with { Status = RunStatus.Completed }) { Id = 2 });
        string text;
        do text = (await NextAsync(pipe)).Replace(": waiting\n\n", "", StringComparison.Ordinal);
        while (text.Length == 0);
        Assert.StartsWith("id: 2\nevent: run.completed\ndata: {", text);
        source.Writer.Complete();
        await writing;
    }

    [Fact]
    public async Task The_beginning_that_is_held_back_is_sent_when_the_run_stays_silent()
    {
        var time = new FakeTimeProvider();
        var source = System.Threading.Channels.Channel.CreateUnbounded<RunEvent>();
        var pipe = new Pipe();
        var writing = PumpAsync(source.Reader.ReadAllAsync(), pipe.Writer, time, CancellationToken.None, new ResponseStreamMapper(Run, failureOf: static _ => null));

        await source.Writer.WriteAsync(new RunEvent.Started(Run) { Id = 1 });

        // The silence may begin before the event is read.
        string text;
        do text = (await AfterSilenceAsync(pipe, time)).Replace(": waiting\n\n", "", StringComparison.Ordinal);
        while (text.Length == 0);
        Assert.StartsWith("event: response.created\n", text);
        source.Writer.Complete();
        await writing;
    }

    [Fact]
    public async Task A_reader_that_goes_away_ends_the_stream()
    {
        using var caller = new CancellationTokenSource();
        var source = System.Threading.Channels.Channel.CreateUnbounded<RunEvent>();
        var writing = PumpAsync(source.Reader.ReadAllAsync(caller.Token), new Pipe().Writer, new FakeTimeProvider(), caller.Token);
        await caller.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => writing.WaitAsync(TimeSpan.FromSeconds(20)));
    }

    [Fact]
    public void Ids_rise_by_one_and_are_the_same_for_a_second_reader()
    {
        RunEvent[] events =
        [
            new RunEvent.Started(Run) { Id = 1 },
            Update(2, "m1", new TextReasoningContent("hm")),
            Update(3, "m1", new TextContent("let me "), new TextContent("see"), new FunctionCallContent("c1", "find")),
            Update(4, "m1", new UsageContent(new UsageDetails())),
            Update(5, "m2", new FunctionResultContent("c1", "found")),
            Update(6, "m3", new TextContent("")),
            Update(7, "m3", new TextContent("it is "), new TextContent("there")),
            Update(8, "m3", new FunctionCallContent("c2", "find")),
            Update(9, "m4", new FunctionResultContent("c2", "Error: Function failed.") { Exception = new InvalidOperationException("secret") }),
            new RunEvent.Ended(Run with { Status = RunStatus.RequiresAction }) { Id = 10 },
        ];

        var once = events.SelectMany(new RunEventMapper(Run).Map).ToList();
        var again = events.SelectMany(new RunEventMapper(Run).Map).ToList();

        Assert.Equal(Enumerable.Range(1, once.Count).Select(i => (long)i), once.Select(e => e.Number));
        Assert.Equal(once.Take(once.Count - 1).Skip(1).Select(e => e.Data), again.Take(again.Count - 1).Skip(1).Select(e => e.Data));
        Assert.Equal(
            [
                new MessageDelta("m1", 1, "let me "), new MessageDelta("m1", 1, "see"), new ToolStarted("c1", "find"), new ToolCompleted("c1", "find", null),
                new MessageDelta("m3", 0, "it is "), new MessageDelta("m3", 0, "there"), new ToolStarted("c2", "find"),
                new ToolCompleted("c2", "find", "Error: Function failed."),
            ],
            once.Skip(1).SkipLast(1).Select(e => e.Data));
        Assert.Equal("run.requires_action", once[^1].Name);
    }

    /// <summary>The index and id of a delta must be those of the part in the run's output, or a client puts text in the wrong place.</summary>
    [Fact]
    public void Deltas_lead_to_the_output_that_the_updates_are_joined_to()
    {
        ChatResponseUpdate[] updates =
        [
            new(ChatRole.Assistant, [new TextReasoningContent("a"), new TextReasoningContent("b"), new TextContent("c")]),
            new(ChatRole.Assistant, [new TextContent("d"), new FunctionCallContent("c1", "f"), new TextContent("e")]),
            new(ChatRole.Tool, [new FunctionResultContent("c1", "x")]),
            new(ChatRole.Assistant, "f"),
            new(ChatRole.Assistant, "g") { AuthorName = "Ann" },
            new(ChatRole.Assistant, "h") { AuthorName = "Bob" },
        ];
        var mapper = new RunEventMapper(Run);
        var joined = new Dictionary<(string, int), string>();
        foreach (var delta in updates.SelectMany(u => mapper.Map(new RunEvent.Updated(u) { Id = 1 })).Select(e => e.Data).OfType<MessageDelta>())
            joined[(delta.MessageId, delta.Index)] = joined.GetValueOrDefault((delta.MessageId, delta.Index)) + delta.Text;

        var output = RunResource.From(Run with { Output = [.. updates.ToChatResponse().Messages] }).Output!;
        var expected = output.SelectMany(m => m.Content.Select((part, index) => (Key: (m.Id, index), Part: part)))
            .Where(p => p.Part is TextPart)
            .ToDictionary(p => p.Key, p => ((TextPart)p.Part).Text);
        Assert.Equal(expected, joined);
    }

    private static async Task PumpAsync(IAsyncEnumerable<RunEvent> events, PipeWriter output, TimeProvider time, CancellationToken cancellationToken, IRunEventMapper? mapper = null)
    {
        var context = new DefaultHttpContext { Response = { Body = output.AsStream() } };
        using var writer = new SseWriter(context.Response);
        await using var reader = new EventReader(events, time, cancellationToken);
        await new RunEventPump(reader, mapper ?? new RunEventMapper(Run), writer).PumpAsync(after: mapper is null ? 0 : -1, cancellationToken);
    }

    private static RunEvent.Updated Update(long id, string message, params AIContent[] contents) =>
        new(new ChatResponseUpdate(contents[0] is FunctionResultContent ? ChatRole.Tool : ChatRole.Assistant, [.. contents]) { MessageId = message }) { Id = id };

    /// <summary>Lets time pass until something is written: the stream may not have begun to wait when the test does.</summary>
    private static async Task<string> AfterSilenceAsync(Pipe pipe, FakeTimeProvider time)
    {
        var next = NextAsync(pipe);
        while (!next.IsCompleted)
        {
            time.Advance(EventReader.Silence);
            await Task.Yield();
        }

        return await next;
    }

    private static async Task<string> NextAsync(Pipe pipe)
    {
        var text = "";
        while (!text.EndsWith("\n\n", StringComparison.Ordinal))
        {
            var read = await pipe.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(20));
            text += Encoding.UTF8.GetString(read.Buffer);
            pipe.Reader.AdvanceTo(read.Buffer.End);
        }

        return text;
    }
}
