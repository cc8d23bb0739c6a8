using Microsoft.Extensions.AI;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Errors;
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
        Assert.Equal(["one", "two"], all.Appends[0].Messages.Where(m => m.Origin == MessageOrigin.Context).Select(m => m.Source!));
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
        var changed = await Assert.ThrowsAsync<ProblemException>(() => engine.RunAsync(Command("s", "hm") with { Agent = "other" }));

        Assert.Equal(["user: hi", "assistant: first", "user: and you?"], second.Sent(0));
        Assert.Equal((409, "history-changed"), (changed.Status, changed.Type.Slug));
    }
}
