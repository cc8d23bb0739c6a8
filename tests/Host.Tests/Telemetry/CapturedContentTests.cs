using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Testing;
using PluginHost.Tests.Engine;
using static PluginHost.Tests.Engine.TestEngine;

namespace PluginHost.Tests.Telemetry;

/// <summary>What backends for agents show of a run whose content is recorded.</summary>
[Collection(TelemetryCollection.Name)]
public sealed class CapturedContentTests
{
    private static readonly (string, string)[] Capture = [("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", "true")];

    [Fact]
    public async Task Each_call_of_a_model_and_of_a_tool_has_its_input_and_its_output()
    {
        var spans = await RunAsync(Capture);

        var calls = spans.Where(s => s.Name == "chat stub-1").OrderBy(s => s.Start).ToList();
        var asked = JsonElement.Parse((string)calls[0].Attributes["gen_ai.output.messages"]!)[0];
        Assert.Equal(("assistant", "tool_call"), (asked.GetProperty("role").GetString(), asked.GetProperty("parts")[0].GetProperty("type").GetString()));
        Assert.Equal("""[{"role":"assistant","parts":[{"type":"text","content":"done"}],"finish_reason":"stop"}]""", calls[1].Attributes["gen_ai.output.messages"]);
        var tool = Assert.Single(spans, s => s.Name == "execute_tool remember");
        Assert.Equal("""{"fact":"private"}""", tool.Attributes["gen_ai.tool.call.arguments"]);
        Assert.Equal("\"kept private\"", tool.Attributes["gen_ai.tool.call.result"]);
        var run = Assert.Single(spans, s => s.Name == "assistant run");
        Assert.Equal("""[{"role":"user","parts":[{"type":"text","content":"hello"}]}]""", run.Attributes["gen_ai.input.messages"]);
        Assert.Contains("done", (string)run.Attributes["gen_ai.output.messages"]!, StringComparison.Ordinal);
        // Spans that waited for their output end when their call ended.
        Assert.Equal(SpanTree.Draw(spans), SpanTree.Draw(await RunAsync([])));
        Assert.All(spans, s => Assert.True(s.End >= s.Start && s.End <= run.End, s.Name));
    }

    [Fact]
    public async Task Messages_follow_the_schemas_of_the_conventions()
    {
        foreach (var span in await RunAsync(Capture))
        {
            if (span.Attributes.GetValueOrDefault("gen_ai.input.messages") is string input) BackendRules.CheckMessages(input, isOutput: false);
            if (span.Attributes.GetValueOrDefault("gen_ai.output.messages") is string output) BackendRules.CheckMessages(output, isOutput: true);
            if (span.Attributes.GetValueOrDefault("gen_ai.tool.call.arguments") is string arguments) Assert.Equal(JsonValueKind.Object, JsonElement.Parse(arguments).ValueKind);
        }
    }

    [Theory]
    [InlineData("Langfuse")]
    [InlineData("Phoenix")]
    public async Task Backends_find_input_output_usage_session_and_user(string backend)
    {
        var rules = backend == "Langfuse" ? BackendRules.Langfuse : BackendRules.Phoenix;
        var spans = await RunAsync(Capture);

        foreach (var name in new[] { "chat stub-1", "execute_tool remember", "assistant run" })
        {
            foreach (var span in spans.Where(s => s.Name == name))
            {
                Assert.NotNull(BackendRules.Find(span, rules, "input"));
                Assert.NotNull(BackendRules.Find(span, rules, "output"));
                Assert.Equal("s", BackendRules.Find(span, rules, "session"));
            }
        }

        var call = spans.First(s => s.Name == "chat stub-1");
        Assert.Equal(("chat", "stub-1-2026", "10", "3"), (BackendRules.Find(call, rules, "type"), BackendRules.Find(call, rules, "model"), BackendRules.Find(call, rules, "usage.input"), BackendRules.Find(call, rules, "usage.output")));
        Assert.All(spans.Where(s => s.Name is "chat stub-1" or "assistant run"), s => Assert.Equal("ada", BackendRules.Find(s, rules, "user")));
    }

    [Fact]
    public async Task Nothing_of_it_is_recorded_unless_asked_for()
    {
        string[] content = ["gen_ai.input.messages", "gen_ai.output.messages", "gen_ai.tool.call.arguments", "gen_ai.tool.call.result", "gen_ai.system_instructions", "user.id"];

        Assert.DoesNotContain(await RunAsync([]), s => s.AttributeKeys.Intersect(content).Any());
    }

    private static async Task<IReadOnlyList<ReceivedSpan>> RunAsync((string, string)[] variables)
    {
        var tool = AIFunctionFactory.Create((string fact) => $"kept {fact}", "remember");
        await using var traced = await TracedEngine.StartAsync(
            new StubModel(), [Plugin(new Probe.Context(_ => new() { Instructions = "Be brief.", Tools = [tool] }), "memory")], variables: variables);
        await traced.Tested.RunAsync(Command("s", "hello") with { User = "ada" });
        return (await traced.EndAsync()).Spans;
    }
}
