using Microsoft.Extensions.AI;
using PluginHost.Engine.Chains.Tools;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Runs.Admission;
using PluginHost.Engine.Runs.Live;
using PluginHost.Sdk;
using static PluginHost.Tests.Engine.Approvals.ApprovalHost;
using static PluginHost.Tests.Engine.Journal.JournaledHost;

namespace PluginHost.Tests.Engine.Approvals;

/// <summary>Approvals are used once, by their tenant, for their call.</summary>
public sealed class DecisionTests : IAsyncDisposable
{
    private readonly ApprovalHost _host = new();

    [Fact]
    public async Task A_decision_that_was_stored_without_an_answer_lets_the_run_continue_when_it_is_repeated()
    {
        var engine = _host.Start(PayThenSay());
        var parked = await engine.RunAsync("s", "pay");
        var id = Pending(parked)[0].Id;
        _host.Host.Process.BeforeWrite = async write =>
        {
            await _host.Host.Store.WriteAsync(write, default);
            throw new IOException("The connection was lost.");
        };
        await RefusedAsync(() => DecideAsync(engine, id, key: "k"));
        _host.Host.Process.BeforeWrite = static _ => default;

        await DecideAsync(engine, id, key: "k");

        Assert.Equal(RunStatus.Completed, (await EndAsync(engine, parked)).Status);
        Assert.Equal(["pay"], _host.Acted);
    }

    [Fact]
    public async Task A_repeated_request_interrupts_no_run_that_was_parked_after_it()
    {
        var engine = _host.Start(new ScriptedModel(_ => Say("first"), Pay()));
        var command = TestEngine.Command("s", "hi") with { Busy = BusyPolicy.Interrupt, IdempotencyKey = "k", RequestHash = "h" };
        var first = await engine.RunAsync(command);
        var parked = await engine.RunAsync("s", "pay");

        var again = await engine.RunAsync(command);

        Assert.Equal(first.Id, again.Id);
        Assert.Equal(RunStatus.RequiresAction, (await engine.Engine.GetRunAsync(parked.Session, parked.Id, default)).Status);
    }

    [Fact]
    public async Task A_decision_for_a_run_whose_journal_cannot_be_read_is_refused()
    {
        var engine = _host.Start(PayThenSay());
        var parked = await engine.RunAsync("s", "pay");
        await _host.Host.DamageAsync(parked);

        Assert.Equal(ProblemTypes.StorageUnavailable, (await RefusedAsync(() => DecideAsync(engine, Pending(parked)[0].Id))).Type);
    }

    [Fact]
    public async Task Of_two_approvers_at_the_same_time_one_decides_and_the_call_is_made_at_most_once()
    {
        var engine = _host.Start(new ScriptedModel(call => call.Messages[^1].Role == ChatRole.Tool ? Say("done") : Pay()(call)));
        for (var i = 0; i < 50; i++)
        {
            var parked = await engine.RunAsync($"s{i}", "pay");
            var id = Pending(parked)[0].Id;
            var before = _host.Effects.Count;

            var decisions = await Task.WhenAll(Enumerable.Range(0, 4).Select(n => Task.Run(() => TryAsync(engine, id, approve: n % 2 == 0))));
            var ended = await EndAsync(engine, parked);

            var approve = Assert.Single(decisions.OfType<bool>());
            Assert.Equal(RunStatus.Completed, ended.Status);
            Assert.Equal(approve ? 1 : 0, _host.Effects.Count - before);
        }
    }

    [Fact]
    public async Task A_decision_binds_to_the_call_and_its_arguments_and_is_final()
    {
        var engine = _host.Start(PayThenSay());
        var parked = await engine.RunAsync("s", "pay");
        var id = Pending(parked)[0].Id;

        var other = await RefusedAsync(() => DecideAsync(engine, id, arguments: """{"amount":6}"""));
        var call = await RefusedAsync(async () => await engine.Engine.DecideAsync("default", new ApprovalVerdict(id, true, null) { CallId = "2" }, default));
        var first = await DecideAsync(engine, id, key: "k", arguments: """{ "amount": 5 }""");
        var same = await DecideAsync(engine, id, key: "k");
        var withoutKey = await RefusedAsync(() => DecideAsync(engine, id));
        var otherwise = await RefusedAsync(() => DecideAsync(engine, id, approve: false, key: "k"));
        await EndAsync(engine, parked);
        var later = await DecideAsync(engine, id, key: "k");
        var afterwards = await RefusedAsync(() => DecideAsync(engine, id, approve: false));

        Assert.Equal([ProblemTypes.ApprovalMismatch, ProblemTypes.ApprovalMismatch], [other.Type, call.Type]);
        Assert.All([withoutKey, otherwise, afterwards], refused => Assert.Equal(ProblemTypes.ApprovalDecided, refused.Type));
        Assert.Equal(first.Approval.Decision, same.Approval.Decision);
        Assert.Equal(first.Approval.Decision, later.Approval.Decision);
        Assert.Single(_host.Effects);
    }

    [Theory]
    [InlineData("other", null)]
    [InlineData("default", "apr_run_1.0123456789abcdef")]
    [InlineData("default", "nonsense")]
    public async Task Approvals_of_other_tenants_and_unknown_ones_are_not_found(string tenant, string? id)
    {
        var engine = _host.Start(PayThenSay());
        var parked = await engine.RunAsync("s", "pay");
        id ??= Pending(parked)[0].Id;

        var decided = await RefusedAsync(async () => await engine.Engine.DecideAsync(tenant, new ApprovalVerdict(id, true, null), default));
        var read = await RefusedAsync(async () => await engine.Engine.GetApprovalAsync(tenant, id, default));

        Assert.All([decided, read], refused => Assert.Equal(ProblemTypes.ApprovalNotFound, refused.Type));
        Assert.Empty(await ApprovalsAsync(engine, "other"));
        Assert.Single(await ApprovalsAsync(engine));
        Assert.Empty(_host.Effects);
    }

    [Fact]
    public async Task A_cancelled_run_keeps_its_output_and_its_calls_are_never_made()
    {
        var model = PayThenSay();
        var engine = _host.Start(model);
        var parked = await engine.RunAsync(Streamed("s", "pay"));

        var cancelled = await engine.Engine.CancelAsync(parked.Session, parked.Id, default);
        var late = await RefusedAsync(() => DecideAsync(engine, Pending(parked)[0].Id));

        Assert.Equal(RunStatus.Cancelled, cancelled.Status);
        Assert.Equal(["assistant: I will.<pay>", $"tool: [{JournaledCalls.NotMade}]"], Lines(cancelled));
        Assert.Equal(["user: pay", "assistant: I will.<pay>", $"tool: [{JournaledCalls.NotMade}]"], await engine.StoredAsync("s"));
        Assert.Equal(ProblemTypes.ApprovalNotFound, late.Type);
        Assert.Single(model.Calls);
        Assert.Empty(_host.Effects);
        Assert.Empty(await _host.Host.OpenRunsAsync());
        Assert.Equal(RunStatus.Completed, (await engine.RunAsync("s", "more")).Status);
    }

    [Fact]
    public async Task A_session_that_is_deleted_takes_its_parked_run_with_it()
    {
        var engine = _host.Start(PayThenSay());
        var parked = await engine.RunAsync("s", "pay");

        await engine.Sessions.DeleteAsync(parked.Session, default);

        Assert.Equal(ProblemTypes.ApprovalNotFound, (await RefusedAsync(() => DecideAsync(engine, Pending(parked)[0].Id))).Type);
        Assert.Empty(await ApprovalsAsync(engine));
        Assert.Equal(0, await _host.Host.StepsAsync("s", parked.Id));
        Assert.Equal(0, engine.Live.Parked.Count);
        Assert.Equal(RunStatus.Completed, (await engine.RunAsync("s", "more")).Status);
        Assert.Empty(_host.Effects);
    }

    [Fact]
    public async Task A_cancel_at_the_time_of_the_parking_ends_the_run_one_way_or_the_other()
    {
        var engine = _host.Start(new ScriptedModel(call => call.Messages[^1].Role == ChatRole.Tool ? Say("done") : Pay()(call)));
        for (var i = 0; i < 50; i++)
        {
            var handle = await engine.Engine.StartAsync(Streamed($"s{i}", "pay"), default);
            var ended = await engine.Engine.CancelAsync(handle.Record.Session, handle.Record.Id, default);
            Assert.Equal(RunStatus.Cancelled, ended.Status);
        }

        Assert.Empty(_host.Effects);
        Assert.Empty(await _host.Host.OpenRunsAsync());
    }

    [Fact]
    public async Task A_run_that_interrupts_cancels_the_parked_one_and_input_for_that_one_is_refused()
    {
        var engine = _host.Start(PayThenSay());
        var parked = await engine.RunAsync("s", "pay");
        using var limit = new CancellationTokenSource(Limit);
        while (engine.Live.Active > 0)
        {
            limit.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }

        var input = new RunInput([new ChatMessage(ChatRole.User, "more")]);
        var refused = await RefusedAsync(async () => await engine.Engine.AddInputAsync(parked.Session, parked.Id, input, default));
        var next = await engine.RunAsync(TestEngine.Command("s", "instead") with { Busy = BusyPolicy.Interrupt });

        Assert.Equal(ProblemTypes.RunParked, refused.Type);
        Assert.Equal(RunStatus.Completed, next.Status);
        Assert.Equal(RunStatus.Cancelled, (await engine.Engine.GetRunAsync(parked.Session, parked.Id, default)).Status);
        Assert.Empty(_host.Effects);
    }

    [Fact]
    public async Task A_run_that_continues_after_a_decision_holds_its_session()
    {
        var reached = new TaskCompletionSource();
        var engine = _host.Start(new ScriptedModel(Pay(), call => WaitAsync(reached, call.Cancellation), _ => Say("next")));
        var parked = await engine.RunAsync("s", "pay");
        await DecideAsync(engine, Pending(parked)[0].Id);
        await reached.Task.WaitAsync(Limit);

        var next = await engine.RunAsync(TestEngine.Command("s", "instead") with { Busy = BusyPolicy.Interrupt });

        Assert.Equal((RunStatus.Completed, RunStatus.Cancelled), (next.Status, (await engine.Engine.GetRunAsync(parked.Session, parked.Id, default)).Status));
        Assert.Equal(["pay"], _host.Acted);

        static async IAsyncEnumerable<ChatResponseUpdate> WaitAsync(TaskCompletionSource reached, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
        {
            reached.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
            yield break;
        }
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    private static async Task<bool?> TryAsync(TestEngine engine, string id, bool approve)
    {
        try
        {
            return (await DecideAsync(engine, id, approve)).Approval.Decision!.IsApproved;
        }
        catch (ProblemException e) when (e.Type == ProblemTypes.ApprovalDecided)
        {
            return null;
        }
    }
}
