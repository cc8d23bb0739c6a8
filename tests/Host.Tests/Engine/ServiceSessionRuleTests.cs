using Microsoft.Extensions.AI;
using PluginHost.Engine.Chains.Model;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Plugins;
using PluginHost.Sdk;
using static PluginHost.Tests.Engine.TestEngine;

namespace PluginHost.Tests.Engine;

/// <summary>Which agents may continue a session that a service keeps, and what happens when none may be kept.</summary>
public sealed class ServiceSessionRuleTests
{
    private readonly Probe.History _history = new();
    private readonly Probe.History _audit = new();

    [Fact]
    public async Task An_agent_with_another_client_or_without_service_sessions_is_refused()
    {
        await using var engine = new TestEngine(
        [
            (With("service"), Model(_ => ScriptedModel.Say("one")), [Plugin(_history, "h")]),
            (With("other") with { Model = new() { Client = "other" } }, ScriptedModel.Saying("?"), [Plugin(_history, "h")]),
            (With("off") with { ServiceSession = ServiceSessionMode.Off }, ScriptedModel.Saying("?"), [Plugin(_history, "h")]),
        ]);
        await engine.RunAsync(Command("s", "hi") with { Agent = "service" });

        foreach (var agent in new[] { "other", "off" })
        {
            var refused = await Assert.ThrowsAsync<ProblemException>(() => engine.RunAsync(Command("s", "hi") with { Agent = agent }));
            Assert.Equal((409, "service-session-mismatch"), (refused.Status, refused.Type.Slug));
        }

        static AgentConfiguration With(string name) => new(name) { Model = new() { Client = "service" } };
    }

    [Fact]
    public async Task Without_service_sessions_ids_are_stripped_everywhere_and_the_service_is_asked_not_to_store()
    {
        var model = Model(_ => ScriptedModel.CallTools(("1", "work")), _ => ScriptedModel.Say("done"));
        RunResponse? seen = null;
        await using var engine = new TestEngine(
            model,
            [Plugin(_history, "h"), Tool(), Plugin(new Probe.Middleware(async (r, next, ct) => seen = await next(r, ct)), "m")],
            agent: new AgentConfiguration("assistant") { ServiceSession = ServiceSessionMode.Off });

        var handle = await engine.Engine.StartAsync(Command("s", "hi"), default);
        await handle.Completion;

        Assert.Equal([null, null], model.SentIds);
        Assert.All(model.Script.Calls, c => Assert.Equal(false, c.Options!.AdditionalProperties![ServiceStorage.Property]));
        Assert.Equal(["user: hi", "assistant: <work>", "tool: [7]"], model.Script.Sent(1));
        Assert.All(handle.Delivery.Output.Updates, u => Assert.Null(u.ConversationId));
        Assert.NotNull(seen);
        Assert.Null((await engine.Sessions.GetAsync(Key("s"), default)).ServiceSessionId);
        Assert.Equal(4, _history.Stored.Count());
    }

    [Fact]
    public async Task A_session_restored_from_a_snapshot_continues_at_the_service()
    {
        await using var first = Engine(Model(_ => ScriptedModel.Say("one")));
        await first.RunAsync("s", "hi");
        var snapshot = await first.Sessions.ExportAsync(Key("s"), messages: true, default);
        var model = Model(_ => ScriptedModel.Say("two"));
        await using var second = Engine(model, new SessionsConfiguration { AcceptServiceSessionIds = true });

        await second.Sessions.ImportAsync("default", snapshot, default);
        await second.RunAsync("s", "again");

        Assert.Equal(["r1"], model.SentIds);
        Assert.Equal(["user: again"], model.Script.Sent(0));
    }

    [Fact]
    public async Task An_id_that_the_service_did_not_give_to_this_host_is_not_sent_to_it()
    {
        await using var first = Engine(Model(_ => ScriptedModel.Say("one")));
        await first.RunAsync("s", "hi");
        var snapshot = await first.Sessions.ExportAsync(Key("s"), messages: true, default);
        var model = Model(_ => ScriptedModel.Say("two"));
        await using var second = Engine(model);

        var imported = await Assert.ThrowsAsync<ProblemException>(async () => await second.Sessions.ImportAsync("default", snapshot, default));
        var created = await Assert.ThrowsAsync<ProblemException>(
            async () => await second.Sessions.CreateAsync(new("default") { Id = "s", ServiceSessionId = "r1" }, default));
        await second.RunAsync("s", "again");

        Assert.All([imported, created], e => Assert.Equal("service_session_id", Assert.Single(e.Errors).Path));
        Assert.All([imported, created], e => Assert.Contains("Sessions:AcceptServiceSessionIds", e.Errors[0].Allowed, StringComparison.Ordinal));
        Assert.Equal([null], model.SentIds);
    }

    private static ServiceModel Model(params Func<ScriptedModel.Call, IAsyncEnumerable<ChatResponseUpdate>>[] steps) => new(new ScriptedModel(steps));

    private static PluginInstance Tool() =>
        Plugin(new Probe.Context(_ => new() { Tools = [AIFunctionFactory.Create(() => 7, "work")] }), "tools");

    private TestEngine Engine(ServiceModel model, SessionsConfiguration? settings = null) =>
        new(model, [Plugin(_history, "h"), Plugin(_audit, "audit", e => e with { Load = false })], settings);
}
