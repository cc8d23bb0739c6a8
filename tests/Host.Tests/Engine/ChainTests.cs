using Microsoft.Extensions.AI;
using PluginHost.Configuration;
using PluginHost.Sdk;
using static PluginHost.Tests.Engine.TestEngine;

namespace PluginHost.Tests.Engine;

/// <summary>Position decides what each plugin sees and stores.</summary>
public sealed class ChainTests
{
    [Fact]
    public async Task Before_work_runs_first_to_last_and_after_work_last_to_first()
    {
        var order = new List<string>();
        await using var engine = new TestEngine(
            new ScriptedModel(_ => Noted()),
            [Plugin(Wrapping("m1"), "m1"), Plugin(Providing("c1"), "c1"), Plugin(Wrapping("m2"), "m2"), Plugin(Providing("c2"), "c2")]);

        await engine.RunAsync("s", "hi");

        Assert.Equal(["m1>", "c1>", "m2>", "c2>", "model", "<m2", "<m1", "<c2", "<c1"], order);

        Probe.Middleware Wrapping(string name) => new(async (request, next, ct) =>
        {
            order.Add($"{name}>");
            var response = await next(request, ct);
            order.Add($"<{name}");
            return response;
        });

        Probe.Context Providing(string name) => new(
            _ =>
            {
                order.Add($"{name}>");
                return ContextContribution.Empty;
            },
            _ => order.Add($"<{name}"));

        async IAsyncEnumerable<ChatResponseUpdate> Noted()
        {
            order.Add("model");
            await foreach (var update in ScriptedModel.Say("ok")) yield return update;
        }
    }

    [Fact]
    public async Task A_history_before_a_mask_stores_masked_input_and_raw_output_never_reaches_it_unmasked()
    {
        var outer = new Probe.History();
        var inner = new Probe.History();
        var model = ScriptedModel.Saying("the secret answer");
        await using var engine = new TestEngine(
            model,
            [
                Plugin(outer, "outer"),
                Plugin(Probe.Replacing("secret", "***"), "mask"),
                Plugin(inner, "inner", e => e with { Load = false }),
            ]);

        var run = await engine.RunAsync("s", "my secret");

        Assert.Equal(["user: my ***"], model.Sent(0));
        Assert.Equal("the *** answer", run.Output[0].Text);
        Assert.Equal(["Input: my ***", "Output: the *** answer"], outer.Stored);
        Assert.Equal(["Input: my ***", "Output: the secret answer"], inner.Stored);
    }

    [Fact]
    public async Task A_history_may_store_the_input_as_it_received_it()
    {
        var history = new Probe.History();
        await using var engine = new TestEngine(
            ScriptedModel.Saying("ok"),
            [Plugin(history, "h", e => e with { StoreInputAs = StoreInputAs.Received }), Plugin(Probe.Replacing("secret", "***"), "mask")]);

        await engine.RunAsync("s", "my secret");

        Assert.Equal(["Input: my secret", "Output: ok"], history.Stored);
    }

    [Fact]
    public async Task Store_flags_choose_what_a_history_stores_and_an_audit_history_is_never_loaded()
    {
        var all = new Probe.History();
        var some = new Probe.History();
        var audit = new Probe.History();
        await using var engine = new TestEngine(
            ScriptedModel.Saying("ok"),
            [
                Plugin(all, "all", e => e with { StoreContext = true }),
                Plugin(some, "some", e => e with { Load = false, StoreInput = false, StoreOutput = false, StoreContextFrom = ["two"] }),
                Plugin(audit, "audit", e => e with { Load = false }),
                Plugin(Saying("first"), "one"),
                Plugin(Saying("second"), "two"),
            ]);

        await engine.RunAsync("s", "hi");
        await engine.RunAsync("s", "hi again");

        Assert.Equal(["Input: hi", "Context: first", "Context: second", "Output: ok"], all.Stored.Take(4));
        Assert.Equal(["Context: second", "Context: second"], some.Stored);
        Assert.Equal(["one", "two"], all.Appends[0].Messages.Where(m => m.Part == MessagePart.Context).Select(m => m.Source!));
        Assert.Equal(["Input: hi", "Output: ok"], audit.Stored.Take(2));
        Assert.Equal((2, 0, 0), (all.Loads, some.Loads, audit.Loads));

        static Probe.Context Saying(string text) => new(_ => new ContextContribution { Messages = [new(ChatRole.System, text)] });
    }

    [Fact]
    public async Task The_model_gets_context_in_chain_order_then_the_input_and_instructions_joined_by_newlines()
    {
        var model = ScriptedModel.Saying("ok");
        await using var engine = new TestEngine(
            model,
            [
                Plugin(new Probe.Context(_ => new() { Messages = [new(ChatRole.System, "a")], Instructions = "Know a." }), "a"),
                Plugin(new Probe.Context(r => new() { Messages = [new(ChatRole.System, $"b after {r.Context.Count}")], Instructions = "Know b." }), "b"),
            ],
            agent: new AgentConfiguration("assistant") { Instructions = "Be brief." });

        await engine.RunAsync("s", "hi");

        Assert.Equal(["system: a", "system: b after 1", "user: hi"], model.Sent(0));
        Assert.Equal("Be brief.\nKnow a.\nKnow b.", model.Calls[0].Options!.Instructions);
    }

    [Fact]
    public async Task A_middleware_that_answers_itself_is_delivered_and_stored_like_a_model()
    {
        var model = ScriptedModel.Saying("never");
        await using var engine = new TestEngine(
            model, [Plugin(new Probe.Middleware((_, _, _) => new(RunResponse.FromText("from the cache"))), "cache")]);

        var run = await engine.RunAsync("s", "hi");

        Assert.Empty(model.Calls);
        Assert.Equal("from the cache", run.Output.Single().Text);
        Assert.Equal(["user: hi", "assistant: from the cache"], await engine.StoredAsync("s"));
    }

    [Fact]
    public async Task Calling_next_twice_or_late_throws_and_the_answer_stands()
    {
        RunDelegate? kept = null;
        RunRequest? request = null;
        Exception? second = null;
        await using var engine = new TestEngine(
            ScriptedModel.Saying("ok"),
            [Plugin(new Probe.Middleware(async (r, next, ct) =>
            {
                (kept, request) = (next, r);
                var response = await next(r, ct);
                second = await Record.ExceptionAsync(async () => await next(r, ct));
                return response;
            }), "m")]);

        var run = await engine.RunAsync("s", "hi");
        var late = await Record.ExceptionAsync(async () => await kept!(request!, default));

        Assert.Contains("a second time", second!.Message, StringComparison.Ordinal);
        Assert.IsType<InvalidOperationException>(late);
        Assert.Equal((RunStatus.Completed, "ok"), (run.Status, run.Output.Single().Text));
    }

    [Fact]
    public async Task What_a_middleware_throws_after_next_does_not_replace_the_answer()
    {
        await using var engine = new TestEngine(
            ScriptedModel.Saying("ok"),
            [Plugin(new Probe.Middleware(async (r, next, ct) =>
            {
                await next(r, ct);
                throw new InvalidOperationException("too late");
            }), "m")]);

        var run = await engine.RunAsync("s", "hi");

        Assert.Equal((RunStatus.Completed, "ok"), (run.Status, run.Output.Single().Text));
    }

    [Fact]
    public async Task What_a_middleware_makes_of_an_error_does_not_hide_the_first_one()
    {
        await using var engine = new TestEngine(
            new ScriptedModel(_ => ScriptedModel.Break()),
            [Plugin(new Probe.Middleware(async (r, next, ct) =>
            {
                try
                {
                    return await next(r, ct);
                }
                catch (HttpRequestException)
                {
                    throw new InvalidOperationException("worse");
                }
            }), "m")]);

        var run = await engine.RunAsync("s", "hi");

        Assert.Equal("model_error", run.Error!.Type);
    }

    [Fact]
    public async Task A_failing_plugin_fails_the_run_or_is_skipped_as_its_entry_says()
    {
        var throwing = new Probe.Middleware((_, _, _) => throw new InvalidOperationException("broken"));
        await using var failing = new TestEngine(ScriptedModel.Saying("ok"), [Plugin(throwing, "m")]);
        await using var skipping = new TestEngine(
            ScriptedModel.Saying("ok"),
            [
                Plugin(throwing, "m", e => e with { OnError = OnError.Skip }),
                Plugin(new Probe.Context(_ => throw new InvalidOperationException("no context")), "c"),
                Plugin(new Probe.History(loadError: new IOException("disk")), "h", e => e with { OnError = OnError.Skip }),
            ]);

        var failed = await failing.RunAsync("s", "hi");
        var skipped = await skipping.RunAsync("s", "hi");

        Assert.Equal(("plugin_error", "Plugin 'm' failed in RunMiddleware. broken"), (failed.Error!.Type, failed.Error.Message));
        Assert.Equal(RunStatus.Completed, skipped.Status);
        Assert.Equal(["m", "c", "h"], skipped.Skipped);
    }

    [Fact]
    public async Task A_required_append_that_fails_makes_the_run_fail()
    {
        await using var engine = new TestEngine(ScriptedModel.Saying("ok"), [Plugin(new Probe.History(appendError: new IOException("disk full")), "h")]);

        var run = await engine.RunAsync("s", "hi");

        Assert.Equal((RunStatus.Failed, "storage"), (run.Status, run.Error!.Type));
        Assert.Contains("disk full", run.Error.Message, StringComparison.Ordinal);
        var stored = await engine.Engine.ListRunsAsync(new RunQuery("default") { SessionId = "s" }, default);
        Assert.Equal(RunStatus.Failed, Assert.Single(stored.Items).Status);
    }

    [Fact]
    public async Task Every_plugin_that_was_entered_appends_or_observes_exactly_once_when_the_model_fails()
    {
        var history = new Probe.History();
        var observed = new List<RunResult>();
        await using var engine = new TestEngine(
            new ScriptedModel(_ => ScriptedModel.Break("half")),
            [Plugin(history, "h"), Plugin(new Probe.Context(_ => ContextContribution.Empty, observed.Add), "c")]);

        await engine.RunAsync("s", "hi");

        var append = Assert.Single(history.Appends);
        Assert.Equal((RunOutcome.Failed, "model_error"), (append.Outcome, append.ErrorType));
        Assert.Equal(["Input: hi"], history.Stored);
        Assert.Equal("half", Assert.Single(observed).Response.Text);
    }

    [Fact]
    public async Task Two_agents_may_run_on_one_session_in_turn_and_another_history_is_noticed()
    {
        var shared = new Probe.History();
        var second = ScriptedModel.Saying("second");
        await using var engine = new TestEngine(
        [
            (new AgentConfiguration("one"), ScriptedModel.Saying("first"), [Plugin(shared, "h")]),
            (new AgentConfiguration("two"), second, [Plugin(shared, "h")]),
            (new AgentConfiguration("other"), ScriptedModel.Saying("third"), [Plugin(new Probe.History(), "other-history")]),
        ]);

        await engine.RunAsync(Command("s", "hi") with { Agent = "one" });
        await engine.RunAsync(Command("s", "and you?") with { Agent = "two" });
        var changed = await Assert.ThrowsAsync<Sessions.ProblemException>(() => engine.RunAsync(Command("s", "hm") with { Agent = "other" }));

        Assert.Equal(["user: hi", "assistant: first", "user: and you?"], second.Sent(0));
        Assert.Equal((409, "history-changed"), (changed.Status, changed.Type));
    }
}
