using Microsoft.Extensions.AI;
using PluginHost.Engine.Chains.Model;
using PluginHost.Engine.Runs.Live;
using PluginHost.Sdk;
using static PluginHost.Tests.Engine.TestEngine;

namespace PluginHost.Tests.Engine;

/// <summary>Runs that leave nothing behind, and what a command may add to a run.</summary>
public sealed class StatelessTests
{
    [Fact]
    public async Task A_stateless_run_loads_and_leaves_nothing()
    {
        var history = new Probe.History();
        var data = new Indexing();
        var model = ScriptedModel.Saying("ok");
        await using var engine = new TestEngine(model, [Plugin(history, "h"), Plugin(data, "index")]);

        var handle = await engine.Engine.StartAsync(Stateless("hi"), default);
        var run = await handle.Completion;

        Assert.Equal((RunStatus.Completed, "ok"), (run.Status, run.Output.Single().Text));
        Assert.Equal((0, 0), (history.Loads, history.Appends.Count));
        Assert.Equal([run.Session], data.Deleted);
        Assert.Null(await engine.Engine.FindRunAsync("default", run.Id, default));
        Assert.Empty((await engine.Sessions.ListAsync(new SessionQuery { Tenant = "default" }, default)).Items);
        Assert.Equal(false, model.Calls.Single().Options!.AdditionalProperties![ServiceStorage.Property]);
    }

    [Fact]
    public async Task A_failed_and_a_cancelled_stateless_run_leave_nothing_either()
    {
        var hanging = new Hanging();
        var history = new Probe.History();
        var model = new ScriptedModel(_ => ScriptedModel.Break("part"), call => Hang(hanging, call.Cancellation));
        await using var engine = new TestEngine(model, [Plugin(history, "h")]);

        var failed = await engine.RunAsync(Stateless("one"));
        var handle = await engine.Engine.StartAsync(Stateless("two"), default);
        await hanging.Entered;
        Assert.NotNull(engine.Engine.FindLive("default", handle.Record.Id));
        handle.Cancel();
        var cancelled = await handle.Completion;

        Assert.Equal((RunStatus.Failed, RunStatus.Cancelled), (failed.Status, cancelled.Status));
        Assert.Empty(history.Appends);
        Assert.Empty((await engine.Sessions.ListAsync(new SessionQuery { Tenant = "default" }, default)).Items);
    }

    [Fact]
    public async Task What_was_said_before_stands_where_the_history_would_have_loaded_it()
    {
        var model = ScriptedModel.Saying("ok");
        await using var engine = new TestEngine(model, []);
        var first = await engine.RunAsync("s", "one");
        var earlier = await engine.Sessions.ReadMessagesAsync(Key("s"), first.Id, default);

        await engine.RunAsync(Stateless("two") with { Earlier = earlier });

        Assert.Equal(["user: one", "assistant: ok", "user: two"], model.Sent(1));
        Assert.Equal(2, (await engine.StoredAsync("s")).Count);
    }

    [Fact]
    public async Task A_services_session_id_is_not_kept_by_a_stateless_run()
    {
        var model = new ScriptedModel(_ => new[] { new ChatResponseUpdate(ChatRole.Assistant, "ok") { ConversationId = "svc" } }.ToAsyncEnumerable());
        await using var engine = new TestEngine(model, []);

        await engine.RunAsync(Stateless("hi"));
        await engine.RunAsync(Stateless("hi"));

        Assert.All(model.Calls, c => Assert.Null(c.Options!.ConversationId));
    }

    [Fact]
    public async Task Instructions_of_a_run_come_after_the_agents_and_are_not_carried_over()
    {
        var model = ScriptedModel.Saying("ok");
        await using var engine = new TestEngine(model, [], agent: new("assistant") { Instructions = "Be brief." });

        await engine.RunAsync(Command("s", "one") with { Instructions = "Speak French." });
        await engine.RunAsync("s", "two");

        Assert.Equal(["Be brief.\nSpeak French.", "Be brief."], model.Calls.Select(c => c.Options!.Instructions));
        Assert.DoesNotContain(await engine.StoredAsync("s"), m => m.Contains("French", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_run_keeps_the_details_and_the_reason_it_was_given_and_its_ids_begin_as_asked()
    {
        var details = System.Text.Json.JsonElement.Parse("""{"a":1}""");
        var model = new ScriptedModel(_ => new[] { new ChatResponseUpdate(ChatRole.Assistant, "cut") { FinishReason = ChatFinishReason.Length } }.ToAsyncEnumerable());
        await using var engine = new TestEngine(model, []);

        var run = await engine.RunAsync(Command("x", "hi") with { SessionId = null, SessionIdPrefix = "chain_", RunIdPrefix = "resp_", Details = details });
        engine.Live.Forget(run.Session);
        var stored = await engine.Engine.FindRunAsync("default", run.Id, default);

        Assert.StartsWith("resp_", run.Id, StringComparison.Ordinal);
        Assert.StartsWith("chain_", run.Session.Id, StringComparison.Ordinal);
        Assert.Equal(("length", """{"a":1}"""), (stored!.FinishReason, stored.Details!.Value.GetRawText()));
        Assert.Null(await engine.Engine.FindRunAsync("other", run.Id, default));
    }

    private static RunCommand Stateless(string text) => Command("", text) with { SessionId = null, Stateless = true };

    private static async IAsyncEnumerable<ChatResponseUpdate> Hang(
        Hanging hanging, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return new(ChatRole.Assistant, "part");
        await hanging.ForeverAsync().WaitAsync(cancellationToken);
    }

    private sealed class Indexing : IContextProvider, ISessionCleanup
    {
        public List<SessionKey> Deleted { get; } = [];

        public ValueTask<ContextContribution> ProvideAsync(RunRequest request, CancellationToken cancellationToken) => new(new ContextContribution());

        public ValueTask<int> DeleteSessionDataAsync(SessionKey session, CancellationToken cancellationToken)
        {
            Deleted.Add(session);
            return new(1);
        }
    }
}
