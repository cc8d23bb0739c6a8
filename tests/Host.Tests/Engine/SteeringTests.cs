using Microsoft.Extensions.AI;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Runs.Live;
using PluginHost.Engine.Sessions.InMemory;
using PluginHost.Sdk;
using static PluginHost.Tests.Engine.TestEngine;

namespace PluginHost.Tests.Engine;

/// <summary>Input for runs in progress, where the time matters.</summary>
public sealed class SteeringTests
{
    private const int Races = 1000;

    [Fact]
    public async Task Input_at_the_very_end_of_a_run_is_part_of_it_or_refused_a_thousand_times()
    {
        var accepted = 0;
        for (var i = 0; i < Races; i++)
        {
            var model = ScriptedModel.Saying("ok");
            await using var engine = new TestEngine(model, []);
            var spins = i % 40;
            var run = Task.Run(async () =>
            {
                var handle = await engine.Engine.StartAsync(Command("s", "go"), default);
                return await handle.Completion;
            });
            var id = await FindAsync(engine, run);
            Thread.SpinWait(spins * 50);
            var isAccepted = await GiveAsync(engine, id);
            var record = await run.WaitAsync(TimeSpan.FromSeconds(20));

            var inOutput = record.Output.Count(m => m.Role == ChatRole.User && m.Text == "more");
            var stored = (await engine.StoredAsync("s")).Count(m => m == "user: more");
            Assert.Equal((isAccepted ? 1 : 0, isAccepted ? 1 : 0), (inOutput, stored));
            // An answer follows input that was accepted.
            if (isAccepted) Assert.Equal(ChatRole.Assistant, record.Output[^1].Role);
            if (isAccepted) accepted++;
        }

        // The input came on both sides of the end.
        Assert.InRange(accepted, 1, Races - 1);
    }

    [Fact]
    public async Task A_service_that_holds_the_session_gets_only_what_is_new()
    {
        RunInbox inbox = null!;
        var given = new TaskCompletionSource();
        var script = new ScriptedModel(_ => SayAndGive("first"), _ => ScriptedModel.Say("second"));
        await using var engine = new TestEngine(new ServiceModel(script), []);
        var handle = await engine.Engine.StartAsync(Command("s", "go"), default);
        inbox = handle.Inbox;
        given.SetResult();
        var run = await handle.Completion.WaitAsync(TimeSpan.FromSeconds(20));

        Assert.Equal(["user: more"], script.Sent(1));
        Assert.Equal("r1", script.Calls[1].Options?.ConversationId);
        Assert.Equal(["assistant: first", "user: more", "assistant: second"], run.Output.Select(m => $"{m.Role}: {Describe(m)}"));

        async IAsyncEnumerable<ChatResponseUpdate> SayAndGive(string text)
        {
            await given.Task;
            inbox.Add(new RunInput([new ChatMessage(ChatRole.User, "more")]), 10, out _);
            await foreach (var update in ScriptedModel.Say(text)) yield return update;
        }
    }

    [Fact]
    public async Task Results_for_the_callers_calls_are_known_behind_input_that_came_too_late()
    {
        var ask = AIFunctionFactory.CreateDeclaration("ask", null, default);
        RunInbox inbox = null!;
        var given = new TaskCompletionSource();
        var model = new ScriptedModel(_ => CallAndGive(), _ => ScriptedModel.Say("done"));
        await using var engine = new TestEngine(model, []);
        var handle = await engine.Engine.StartAsync(Command("s", "go") with { CallerTools = [ask] }, default);
        inbox = handle.Inbox;
        given.SetResult();
        var first = await handle.Completion.WaitAsync(TimeSpan.FromSeconds(20));
        var second = await engine.RunAsync(new RunCommand
        {
            Tenant = "default",
            SessionId = "s",
            RequireToolResults = true,
            AcceptDiverged = true,
            Input = [new ChatMessage(ChatRole.Tool, [new FunctionResultContent("c1", "yes")])],
        });

        Assert.Equal((RunStatus.RequiresAction, RunStatus.Completed), (first.Status, second.Status));
        Assert.Equal(["user: go", "assistant: <ask>", "tool: [yes]", "user: more"], model.Sent(1));

        async IAsyncEnumerable<ChatResponseUpdate> CallAndGive()
        {
            await given.Task;
            await foreach (var update in ScriptedModel.CallTools(("c1", "ask"))) yield return update;
            inbox.Add(new RunInput([new ChatMessage(ChatRole.User, "more")]), 10, out _);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_history_that_fails_fails_the_run_and_input_that_comes_behind_it_is_refused(bool isRequired)
    {
        var (reached, given) = (new TaskCompletionSource(), new TaskCompletionSource());
        var model = new ScriptedModel(_ => SayWhenGiven(), _ => ScriptedModel.Say("second"));
        var broken = Plugin(new BrokenHistory(), "broken", s => s with { Load = false, OnError = isRequired ? OnError.Fail : OnError.Skip });
        await using var engine = new TestEngine(model, [Plugin(new InMemoryHistory(), "history"), broken]);
        var handle = await engine.Engine.StartAsync(Command("s", "go"), default);
        await reached.Task.WaitAsync(TimeSpan.FromSeconds(20));
        Assert.True(await GiveAsync(engine, handle.Record.Id));
        given.SetResult();
        var run = await handle.Completion.WaitAsync(TimeSpan.FromSeconds(20));

        Assert.Equal(isRequired ? RunStatus.Failed : RunStatus.Completed, run.Status);
        Assert.Equal(["user: go", "assistant: first", "user: more"], model.Sent(1));
        Assert.False(await GiveAsync(engine, handle.Record.Id));
        Assert.Equal(isRequired ? [] : ["user: go", "assistant: first", "user: more", "assistant: second"], await engine.StoredAsync("s"));

        async IAsyncEnumerable<ChatResponseUpdate> SayWhenGiven()
        {
            reached.SetResult();
            await given.Task;
            await foreach (var update in ScriptedModel.Say("first")) yield return update;
        }
    }

    private sealed class BrokenHistory : IHistoryProvider
    {
        public ValueTask<Page<HistoryMessage>> LoadAsync(HistoryQuery query, CancellationToken cancellationToken) => new(new Page<HistoryMessage> { Items = [], HasMore = false });

        public ValueTask AppendAsync(HistoryAppend append, CancellationToken cancellationToken) => throw new StorageException("The history is broken.");

        public ValueTask<int> DeleteAsync(HistoryDeletion deletion, CancellationToken cancellationToken) => new(0);
    }

    private static async Task<string> FindAsync(TestEngine engine, Task<RunRecord> run)
    {
        while (true)
        {
            if (engine.Live.InSession(Key("s")).FirstOrDefault() is { } handle) return handle.Record.Id;
            if (run.IsCompleted) return (await run).Id;
            await Task.Yield();
        }
    }

    private static async Task<bool> GiveAsync(TestEngine engine, string runId)
    {
        while (true)
        {
            try
            {
                await engine.Engine.AddInputAsync(Key("s"), runId, new RunInput([new ChatMessage(ChatRole.User, "more")]), default);
                return true;
            }
            catch (ProblemException e) when (e.Type == ProblemTypes.RunEnded)
            {
                return false;
            }
            catch (ProblemException e) when (e.Type == ProblemTypes.RunQueued)
            {
                await Task.Yield();
            }
        }
    }
}
