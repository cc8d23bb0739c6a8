using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Sdk;
using PluginHost.Telemetry;
using PluginHost.Tests.Engine;
using static PluginHost.Tests.Engine.TestEngine;
using static PluginHost.Tests.Telemetry.OutcomeSpanTests;

namespace PluginHost.Tests.Telemetry;

/// <summary>How runs hang together: with each other, with the requests that ask for them, and with the spans inside them.</summary>
[Collection(TelemetryCollection.Name)]
public sealed class RunRelationTests
{
    [Fact]
    public async Task Five_runs_are_five_linked_traces_of_one_conversation_and_count_the_tokens_that_the_model_reported()
    {
        var tool = AIFunctionFactory.Create(() => "42", "answer");
        await using var traced = await TracedEngine.StartAsync(
            new StubModel(), [Plugin(new Probe.Context(_ => new ContextContribution { Tools = [tool] }), "memory")]);

        var records = new List<RunRecord>();
        for (var i = 0; i < 5; i++) records.Add(await traced.Tested.RunAsync("ada", $"message {i}"));
        var received = await traced.EndAsync();

        var runs = received.Spans.Where(s => s.Name == "assistant run").OrderBy(s => s.Start).ToList();
        Assert.Equal(5, runs.Select(r => r.TraceId).Distinct().Count());
        Assert.Equal(records.Select(r => r.TraceId), runs.Select(r => r.TraceId));
        Assert.Equal(5, received.Spans.Select(s => s.TraceId).Distinct().Count());
        Assert.All(received.Spans, s => Assert.Equal("ada", s.Attributes["gen_ai.conversation.id"]));
        Assert.Equal(runs.SkipLast(1).Select(r => (r.TraceId, r.SpanId)), runs.Skip(1).Select(r => Assert.Single(r.Links)));
        Assert.Equal(records.Sum(r => (double)r.Usage!.InputTokenCount!), Tokens("input"));
        Assert.Equal(records.Sum(r => (double)r.Usage!.OutputTokenCount!), Tokens("output"));
        Assert.Equal(records.Sum(r => r.Usage!.InputTokenCount), received.Spans.Where(s => s.Name == "chat stub-1").Sum(s => (long?)s.Attributes.GetValueOrDefault("gen_ai.usage.input_tokens") ?? 0));

        var agents = received.Spans.Where(s => s.Name == "invoke_agent assistant").OrderBy(s => s.Start);
        Assert.All([runs, agents.ToList()], spans => Assert.Equal(
            records.Select(r => (r.Usage!.InputTokenCount, r.Usage.OutputTokenCount)),
            spans.Select(s => ((long?)s.Attributes["gen_ai.usage.input_tokens"], (long?)s.Attributes["gen_ai.usage.output_tokens"]))));

        double Tokens(string type) =>
            received.Points.Where(p => p.Name == "gen_ai.client.token.usage" && Equals(p.Attributes["gen_ai.token.type"], type)).Sum(p => p.Value);
    }

    [Fact]
    public async Task A_run_that_had_to_wait_says_how_long_and_is_linked_to_the_one_before()
    {
        var first = new Hanging();
        var model = new ScriptedModel(_ => first.StreamAsync(ScriptedModel.Say("one")), _ => ScriptedModel.Say("two"));
        await using var traced = await TracedEngine.StartAsync(model, []);

        var one = await traced.Tested.Engine.StartAsync(Command("s", "first"), default);
        await first.Entered;
        var two = await traced.Tested.Engine.StartAsync(Command("s", "second") with { Background = true }, default);
        first.LetGo();
        await two.Completion;
        var received = await traced.EndAsync();
        var spans = received.Spans;

        var waits = Assert.Single(received.Points, p => p.Name == "pluginhost.run.queue.duration");
        Assert.Equal((2, "assistant"), (waits.Count, waits.Attributes["gen_ai.agent.name"]));
        Assert.InRange(waits.Value, 0.000001, 30);
        var runs = spans.Where(s => s.Name == "assistant run").OrderBy(s => s.Start).ToList();
        Assert.False(runs[0].Attributes.ContainsKey("pluginhost.run.queue_time"));
        Assert.InRange((double)runs[1].Attributes["pluginhost.run.queue_time"]!, 0.000001, 30);
        Assert.Equal((runs[0].TraceId, runs[0].SpanId), Assert.Single(runs[1].Links));
        Assert.Equal(one.Record.TraceId, runs[0].TraceId);
    }

    [Fact]
    public async Task A_request_that_is_answered_from_an_earlier_run_makes_no_run_and_leads_to_it()
    {
        await using var traced = await TracedEngine.StartAsync(new StubModel(), []);
        using var requests = new ActivitySource(TelemetryNames.Scopes.PluginPrefix + "requests");
        var keyed = Command("s", "hi") with { IdempotencyKey = "k", RequestHash = "h" };

        var record = await traced.Tested.RunAsync(keyed);
        using (requests.StartActivity("POST", ActivityKind.Server)) await traced.Tested.RunAsync(keyed);
        using (requests.StartActivity("GET", ActivityKind.Server)) Assert.NotNull(await traced.Tested.Engine.AttachAsync(Key("s"), record.Id, default));
        var spans = (await traced.EndAsync()).Spans;

        var run = Run(spans);
        var replayed = Find(spans, "POST");
        var attached = Find(spans, "GET");
        Assert.Equal("replayed", replayed.Attributes["pluginhost.run.attached"]);
        Assert.Equal("reattached", attached.Attributes["pluginhost.run.attached"]);
        Assert.Equal((run.TraceId, run.SpanId), Assert.Single(attached.Links));
        Assert.All([run, replayed, attached], s => Assert.Equal(record.Id, s.Attributes["pluginhost.run.id"]));
        Assert.All([replayed, attached], s => Assert.Equal("s", s.Attributes["gen_ai.conversation.id"]));
    }

    [Fact]
    public async Task Forks_branches_and_imports_link_to_the_run_from_which_they_continue()
    {
        await using var traced = await TracedEngine.StartAsync(new StubModel(), []);
        var first = await traced.Tested.RunAsync("ada", "one");
        var last = await traced.Tested.RunAsync("ada", "two");
        await traced.Tested.Sessions.ForkAsync(new("default", "ada"), "fork", upToRun: null, default);
        await traced.Tested.Sessions.ForkAsync(new("default", "ada"), "branch", upToRun: first.Id, default);
        var snapshot = await traced.Tested.Sessions.ExportAsync(new("default", "ada"), messages: true, default);
        snapshot["session_id"] = "import";
        await traced.Tested.Sessions.ImportAsync("default", snapshot, default);
        foreach (var session in new[] { "fork", "branch", "import" }) await traced.Tested.RunAsync(session, "three");
        var spans = (await traced.EndAsync()).Spans;

        foreach (var (session, from) in new[] { ("fork", last), ("branch", first), ("import", last) })
        {
            var source = (from.TraceId!, spans.Single(s => s.Name == "assistant run" && s.TraceId == from.TraceId).SpanId);
            var all = spans.Where(s => Equals(s.Attributes.GetValueOrDefault("gen_ai.conversation.id"), session)).ToList();
            Assert.Equal(source, Assert.Single(all.Single(s => s.Name == "test-sessions session.create").Links));
            Assert.Equal(source, Assert.Single(all.Single(s => s.Name == "assistant run").Links));
        }
    }

    [Fact]
    public async Task A_middleware_that_calls_the_model_again_in_the_middle_of_a_stream_is_still_its_parent()
    {
        await using var traced = await TracedEngine.StartAsync(
            new StubModel(), [Plugin(new Probe.Chat((inner, _) => new Twice(inner)), "twice")]);

        await traced.Tested.RunAsync("s", "hi");
        var received = await traced.EndAsync();

        Assert.Equal(
            ["..in-memory-history history.load", "..twice middleware", "...chat stub-1", "...chat stub-1"],
            SpanTree.Draw(received.Spans).Where(s => s.StartsWith("..", StringComparison.Ordinal)));
        // The measurement too belongs to the middleware, not to what is around it.
        var middleware = Assert.Single(received.Points, p => p.Name == "pluginhost.plugin.call.duration" && Equals(p.Attributes["pluginhost.plugin.name"], "twice"));
        Assert.Equal(Run(received.Spans).TraceId, Assert.Single(middleware.Exemplars));
    }

    [Fact]
    public async Task A_tool_is_one_span_around_the_middleware_of_functions_and_its_error_has_no_text()
    {
        var tool = AIFunctionFactory.Create(string () => throw new InvalidOperationException("secret"), "answer");
        await using var traced = await TracedEngine.StartAsync(
            new StubModel(),
            [
                Plugin(new Probe.Context(_ => new ContextContribution { Tools = [tool] }), "memory"),
                Plugin(new Probe.Function((invocation, next, ct) => next(invocation, ct)), "limits"),
            ]);

        await traced.Tested.RunAsync("s", "hi");
        var spans = (await traced.EndAsync()).Spans;

        Assert.Equal(
            ["..execute_tool answer", "...limits middleware"],
            SpanTree.Draw(spans).Where(s => s.Contains("answer", StringComparison.Ordinal) || s.Contains("limits", StringComparison.Ordinal)));
        Assert.True(Find(spans, "execute_tool answer").IsError);
        Assert.DoesNotContain(spans, s => s.StatusMessage.Length > 0);
    }

    [Fact]
    public async Task A_request_whose_input_a_run_in_progress_takes_is_linked_to_that_run()
    {
        var first = new Hanging();
        await using var traced = await TracedEngine.StartAsync(new ScriptedModel(_ => first.StreamAsync(ScriptedModel.Say("one")), _ => ScriptedModel.Say("two")), []);
        using var requests = new ActivitySource(TelemetryNames.Scopes.PluginPrefix + "requests");
        var run = await traced.Tested.Engine.StartAsync(Command("s", "hi") with { Background = true }, default);
        await first.Entered;

        using (requests.StartActivity("POST", ActivityKind.Server))
            await traced.Tested.Engine.StartAsync(Command("s", "more") with { Busy = BusyPolicy.Steer }, default);
        first.LetGo();
        await run.Completion;
        var spans = (await traced.EndAsync()).Spans;

        var request = Find(spans, "POST");
        Assert.Equal(("steered", run.Record.Id), (request.Attributes["pluginhost.run.attached"], request.Attributes["pluginhost.run.id"]));
        Assert.Equal(Run(spans).SpanId, Assert.Single(request.Links).SpanId);
    }

    [Fact]
    public async Task A_tool_of_the_caller_has_no_span_and_its_description_is_nowhere()
    {
        var own = AIFunctionFactory.Create(() => "42", "answer");
        var callers = AIFunctionFactory.CreateDeclaration("ask", "secret", JsonElement.Parse("""{"type":"object"}"""));
        var model = new ScriptedModel(_ => Call("ask"), _ => ScriptedModel.Say("done"));
        await using var traced = await TracedEngine.StartAsync(model, [Plugin(new Probe.Context(_ => new ContextContribution { Tools = [own] }), "memory")]);

        await traced.Tested.RunAsync(Command("s", "hi") with { CallerTools = [callers] });
        var spans = (await traced.EndAsync()).Spans;

        Assert.DoesNotContain(spans, s => s.Name.StartsWith("execute_tool", StringComparison.Ordinal));
        Assert.DoesNotContain(spans.SelectMany(s => s.Attributes.Values), v => v is string text && text.Contains("secret", StringComparison.Ordinal));

        static async IAsyncEnumerable<ChatResponseUpdate> Call(string tool)
        {
            await Task.Yield();
            yield return new(ChatRole.Assistant, [new FunctionCallContent("c", tool, new Dictionary<string, object?>())]) { MessageId = "c" };
        }
    }

    private sealed class Twice(IChatClient inner) : DelegatingChatClient(inner)
    {
        public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            for (var i = 0; i < 2; i++)
            {
                await foreach (var update in base.GetStreamingResponseAsync(messages, options, cancellationToken)) yield return update;
            }
        }
    }
}
