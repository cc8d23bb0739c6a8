using Microsoft.Extensions.AI;
using Microsoft.Extensions.Time.Testing;
using PluginHost.Engine.Chains.Tools;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Messages;
using PluginHost.Engine.Observation;
using PluginHost.Engine.Runs.Live;
using PluginHost.Engine.Sessions.InMemory;
using PluginHost.Sdk;
using PluginHost.Tests.Engine.Journal;
using static PluginHost.Tests.Engine.Approvals.ApprovalHost;
using static PluginHost.Tests.Engine.Journal.JournaledHost;

namespace PluginHost.Tests.Engine.Approvals;

/// <summary>Runs wait for approvals, and continue when their calls are decided.</summary>
public sealed class ParkingTests : IAsyncDisposable
{
    private readonly ApprovalHost _host = new();

    [Theory]
    [InlineData("entry")]
    [InlineData("all")]
    [InlineData("tool")]
    public async Task A_marked_tool_is_not_called_before_its_call_is_approved_and_then_once(string mark)
    {
        var model = PayThenSay();
        var engine = _host.Host.Start(model, _host.Tools(mark));

        var parked = await engine.RunAsync("s", "pay");
        Assert.Equal((RunStatus.RequiresAction, null), (parked.Status, parked.CompletedAt));
        Assert.Empty(_host.Effects);
        var approval = Assert.Single(Pending(parked));
        Assert.Equal(("1", "pay", """{"amount":5}""", "tools"), (approval.Call.CallId, approval.Call.Name, CallArguments.ToText(approval.Call), approval.Source));

        var decided = await DecideAsync(engine, approval.Id);
        var ended = await EndAsync(engine, parked);

        Assert.Equal((true, "ann"), (decided.Approval.Decision!.IsApproved, decided.Approval.Decision.By));
        Assert.Equal((RunStatus.Completed, 2), (ended.Status, ended.Attempt));
        Assert.Equal(["assistant: I will.<pay>", "tool: [pay 5]", "assistant: done"], Lines(ended));
        Assert.Equal("pay", Assert.Single(_host.Acted));
        Assert.Equal(["user: pay", "assistant: I will.<pay>", "tool: [pay 5]", "assistant: done"], await engine.StoredAsync("s"));
        Assert.Equal(["user: pay", "assistant: I will.<pay>", "tool: [pay 5]"], model.Sent(1));
        Assert.Empty(await _host.Host.OpenRunsAsync());
    }

    [Fact]
    public async Task A_run_whose_answer_cannot_be_recorded_is_not_parked()
    {
        var engine = _host.Start(new ScriptedModel(_ => Unwritable(), _ => Say("done")));

        var run = await engine.RunAsync("s", "pay");

        Assert.Equal(RunStatus.Completed, run.Status);
        Assert.Empty(_host.Effects);

        static async IAsyncEnumerable<ChatResponseUpdate> Unwritable()
        {
            await foreach (var update in Calls(("1", "pay", 5)))
            {
                update.AdditionalProperties = new() { ["type"] = typeof(string) };
                yield return update;
            }
        }
    }

    [Fact]
    public async Task A_run_that_cannot_be_parked_fails_and_the_hosts_events_have_its_end()
    {
        var engine = _host.Start(PayThenSay());
        _host.Host.Process.BeforeWrite = static write =>
            write.Run?.Status == RunStatus.RequiresAction ? throw new IOException("the disk is full") : default(ValueTask);
        var before = engine.Engine.Events.Newest;

        var failed = await engine.RunAsync("s", "pay");
        var events = new List<HostEvent>();
        engine.Engine.Events.Read(before, events, HostEvents.Capacity);

        Assert.Equal(RunStatus.Failed, failed.Status);
        Assert.Equal((failed.Id, RunStatus.Failed), events.OfType<HostEvent.RunEnded>().Select(e => (e.RunId, e.Status)).Single());
        Assert.Empty(_host.Effects);
    }

    [Fact]
    public async Task A_refused_call_is_not_made_and_the_model_learns_the_reason()
    {
        var model = PayThenSay();
        var engine = _host.Start(model);
        var parked = await engine.RunAsync("s", "pay");

        await DecideAsync(engine, Pending(parked)[0].Id, approve: false, "too much");
        var ended = await EndAsync(engine, parked);

        Assert.Equal(RunStatus.Completed, ended.Status);
        Assert.Empty(_host.Effects);
        Assert.Equal($"tool: [{CallApproval.Refusal("too much")}]", model.Sent(1).Last());
    }

    [Fact]
    public async Task Of_several_calls_those_that_need_no_approval_are_made_at_once_and_the_run_waits_for_all_others()
    {
        var model = new ScriptedModel(_ => Calls(("1", "pay", 1), ("2", "look", 2), ("3", "pay", 3)), _ => Say("done"));
        var engine = _host.Start(model);

        var parked = await engine.RunAsync(Background("s", "pay"));
        Assert.Equal(["look"], _host.Acted);
        Assert.Equal(["assistant: I will.<pay><look><pay>", "tool: [look 2]"], Lines(parked));
        var approvals = Pending(parked);
        await DecideAsync(engine, approvals[1].Id, approve: false);
        Assert.Equal([approvals[0].Id], await ApprovalsAsync(engine));
        Assert.Null(engine.Live.Find(parked.Session, parked.Id));
        await DecideAsync(engine, approvals[0].Id);
        var ended = await EndAsync(engine, parked);

        Assert.Equal(["look", "pay"], _host.Acted);
        Assert.Equal(["user: pay", "assistant: I will.<pay><look><pay>", "tool: [pay 1][look 2][The call was refused.]"], model.Sent(1));
        Assert.Equal(["assistant: I will.<pay><look><pay>", "tool: [look 2]", "tool: [pay 1]", "tool: [The call was refused.]", "assistant: done"], Lines(ended));
    }

    [Fact]
    public async Task A_run_is_parked_again_for_each_answer_with_such_a_call()
    {
        var engine = _host.Start(new ScriptedModel(Pay(1), _ => Calls(("1", "pay", 2)), _ => Say("done")));
        var parked = await engine.RunAsync(Streamed("s", "pay"));
        await DecideAsync(engine, Pending(parked)[0].Id);

        var again = await EndAsync(engine, parked);
        Assert.Equal(RunStatus.RequiresAction, again.Status);
        Assert.NotEqual(Pending(parked)[0].Id, Assert.Single(Pending(again)).Id);
        await DecideAsync(engine, Pending(again)[0].Id);
        var ended = await EndAsync(engine, parked);

        Assert.Equal((RunStatus.Completed, 3), (ended.Status, ended.Attempt));
        Assert.Equal(["1", "2"], _host.Effects.Select(e => e.Arguments));
        Assert.Equal(2, _host.Effects.Select(e => e.Key).Distinct().Count());
    }

    [Fact]
    public async Task A_call_of_the_callers_tool_waits_until_the_others_are_decided()
    {
        var engine = _host.Start(new ScriptedModel(_ => Calls(("1", "mine", 1), ("2", "pay", 2))));
        var command = Streamed("s", "pay") with { CallerTools = [AIFunctionFactory.Create((int amount) => "", "mine").AsDeclarationOnly()] };
        var parked = await engine.RunAsync(command);
        Assert.Null(parked.CompletedAt);

        await DecideAsync(engine, Pending(parked)[0].Id);
        var ended = await EndAsync(engine, parked);

        Assert.Equal(RunStatus.RequiresAction, ended.Status);
        Assert.NotNull(ended.CompletedAt);
        Assert.Equal(["1"], ToolCallPairing.FindOpen(ended.Output));
        Assert.Equal(["pay"], _host.Acted);
    }

    [Fact]
    public async Task Events_of_a_parked_run_end_and_continue_with_greater_numbers_when_it_does()
    {
        var engine = _host.Start(new ScriptedModel(_ => Calls(("1", "pay", 1), ("2", "pay", 2)), _ => Say("done")));
        var handle = await engine.Engine.StartAsync(Streamed("s", "pay"), default);
        var first = await ReadAsync(handle);
        var approvals = Pending(Assert.IsType<RunEvent.Ended>(first[^1]).Run);

        var stored = RunHandle.FromEnded(await engine.Engine.GetRunAsync(handle.Record.Session, handle.Record.Id, default));
        Assert.Equal(Describe(first), Describe(await ReadAsync(stored)));
        await DecideAsync(engine, approvals[0].Id);
        var waiting = await ReadAsync(RunHandle.FromEnded(await engine.Engine.GetRunAsync(handle.Record.Session, handle.Record.Id, default)), first[^1].Id);
        await DecideAsync(engine, approvals[1].Id);
        var resumed = engine.Live.Find(handle.Record.Session, handle.Record.Id)!;
        var rest = await ReadAsync(resumed, waiting[^1].Id);

        Assert.Equal(["decision", "end RequiresAction"], Describe(waiting));
        Assert.Equal(["decision", "[pay 1][pay 2]", "done", "end Completed"], Describe(rest).Where(d => d.Length > 0));
        var ids = first.Concat(waiting).Concat(rest).Select(e => e.Id).ToList();
        Assert.Equal(ids.Order(), ids);
        Assert.Equal(ids.Count, ids.Distinct().Count());
        var whole = await ReadAsync(RunHandle.FromEnded(await _host.Host.Store.FindRunsAsync(new RunQuery { Tenant = "default", RunId = handle.Record.Id }, default) is { Items: [var run] } ? run : throw new InvalidOperationException()), 0);
        Assert.Equal(rest.Select(e => e.Id), whole.Where(e => e.Id > waiting[^1].Id).Select(e => e.Id));
        Assert.Equal(Describe(rest), Describe(whole.Where(e => e.Id > waiting[^1].Id)));
    }

    [Fact]
    public async Task A_run_that_no_caller_could_find_again_is_not_parked_and_the_model_learns_why()
    {
        var models = new[] { PayThenSay(), PayThenSay(), PayThenSay() };
        var stateless = await _host.Start(models[0]).RunAsync(TestEngine.Command("s", "pay") with { SessionId = null, Stateless = true });
        var other = await _host.Start(models[1]).RunAsync(TestEngine.Command("s", "pay") with { CanPark = false });
        var plain = await new TestEngine(models[2], [_host.Tools()], store: new PlainStore(new InMemorySessions())).RunAsync("s", "pay");

        Assert.All([stateless, other, plain], run => Assert.Equal(RunStatus.Completed, run.Status));
        Assert.All(models, model => Assert.Equal($"tool: [{CallApproval.NotPossible}]", model.Sent(1).Last()));
        Assert.Empty(_host.Effects);
    }

    [Fact]
    public async Task Other_runs_are_refused_with_the_approval_that_the_session_waits_for()
    {
        var engine = _host.Start(PayThenSay());
        var parked = await engine.RunAsync("s", "pay");

        var refused = await Assert.ThrowsAsync<ProblemException>(() => engine.RunAsync("s", "more"));
        Assert.Equal(ProblemTypes.ApprovalPending, refused.Type);
        Assert.Contains(Pending(parked)[0].Id, refused.Message, StringComparison.Ordinal);
        Assert.Equal(RunStatus.Completed, (await engine.RunAsync(TestEngine.Command("t", "else"))).Status);
        await DecideAsync(engine, Pending(parked)[0].Id);
        await EndAsync(engine, parked);

        Assert.Equal(RunStatus.Completed, (await engine.RunAsync("s", "more")).Status);
    }

    [Fact]
    public async Task A_retry_with_the_key_of_a_parked_run_gets_that_run()
    {
        var engine = _host.Start(PayThenSay());
        var command = TestEngine.Command("s", "pay") with { IdempotencyKey = "k", RequestHash = "h" };
        var parked = await engine.RunAsync(command);

        var again = await engine.RunAsync(command with { });
        await DecideAsync(engine, Pending(parked)[0].Id);
        await EndAsync(engine, parked);
        var after = await engine.RunAsync(command with { });

        Assert.Equal((parked.Id, RunStatus.RequiresAction), (again.Id, again.Status));
        Assert.Equal((parked.Id, RunStatus.Completed), (after.Id, after.Status));
        Assert.Single(_host.Effects);
    }

    [Fact]
    public async Task A_retry_with_the_key_of_a_run_finds_it_however_long_it_waits()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch);
        await using var host = new ApprovalHost { Host = new JournaledHost { Time = time } };
        var engine = host.Start(PayThenSay());
        // In a session that the host chooses, so that the parked run keeps no other run off it.
        var command = TestEngine.Command("s", "pay") with { SessionId = null, IdempotencyKey = "k", RequestHash = "h" };
        var parked = await engine.RunAsync(command);
        time.Advance(TimeSpan.FromDays(30));

        var again = await engine.RunAsync(command with { });

        Assert.Equal((parked.Id, RunStatus.RequiresAction), (again.Id, again.Status));
        Assert.Single(await ApprovalsAsync(engine));
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    private static IEnumerable<string> Describe(IEnumerable<RunEvent> events) => events.Select(e => e switch
    {
        RunEvent.Started => "start",
        RunEvent.Ended ended => $"end {ended.Run.Status}",
        RunEvent.Updated { Update.Contents: [ToolApprovalRequestContent, ..] } => "request",
        RunEvent.Updated { Update.Contents: [ToolApprovalResponseContent, ..] } => "decision",
        RunEvent.Updated updated => TestEngine.Describe(new ChatMessage(ChatRole.User, updated.Update.Contents)),
        _ => "",
    });
}
