using Microsoft.Extensions.AI;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Explain;
using PluginHost.Sdk;
using static PluginHost.Tests.Engine.TestEngine;

namespace PluginHost.Tests.Engine;

/// <summary>Which plugin an explanation names for what middleware adds and changes.</summary>
public sealed class AttributionTests
{
    [Fact]
    public async Task A_result_that_function_middleware_changed_names_it_and_has_what_the_tool_returned()
    {
        await using var engine = new TestEngine(
            CallingTool(),
            [
                Plugin(new Probe.Function((i, next, ct) => next(i, ct)), "reads"),
                Plugin(new Probe.Function(async (i, next, ct) => $"masked {(await next(i, ct))?.ToString()?.Length}"), "masks"),
                Plugin(new Probe.Context(_ => new ContextContribution { Tools = [AIFunctionFactory.Create(() => "secret", "read")] }), "files"),
            ],
            explain: new ExplainConfiguration());

        var explanation = await ExplainAsync(engine);

        var result = explanation.Messages[explanation.Calls[1].Messages[^1]];
        Assert.Equal((PartSource.Tool, "files", PartState.Changed), (result.Source, result.Plugin, result.State));
        Assert.Equal(["masks"], result.ChangedBy!);
        Assert.Contains("masked 6", explanation.Contents[result.Content].GetRawText(), StringComparison.Ordinal);
        Assert.Contains("secret", explanation.Contents[result.Before!.Value].GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_result_that_function_middleware_passed_on_is_new()
    {
        await using var engine = new TestEngine(
            CallingTool(),
            [
                Plugin(new Probe.Function(async (i, next, ct) => (await next(i, ct))?.ToString()), "reads"),
                Plugin(new Probe.Context(_ => new ContextContribution { Tools = [AIFunctionFactory.Create(() => "public", "read")] }), "files"),
            ],
            explain: new ExplainConfiguration());

        var explanation = await ExplainAsync(engine);

        var result = explanation.Messages[explanation.Calls[1].Messages[^1]];
        Assert.Equal((PartState.New, null), (result.State, result.ChangedBy));
    }

    [Fact]
    public async Task Each_tool_names_the_middleware_that_added_it()
    {
        await using var engine = new TestEngine(
            ScriptedModel.Saying("ok"),
            [
                Plugin(new Probe.Middleware((r, next, ct) => next(r with { Tools = [.. r.Tools, new RunTool { Tool = Tool("of-run"), Source = "run" }] }, ct)), "run"),
                Plugin(new Probe.Chat((inner, _) => inner.AsBuilder().ConfigureOptions(o => o.Tools = [.. o.Tools ?? [], Tool("of-outer")]).Build()), "outer"),
                Plugin(new Probe.Chat((inner, _) => inner.AsBuilder().ConfigureOptions(o => o.Tools = [.. o.Tools ?? [], Tool("of-inner")]).Build()), "inner"),
                Plugin(new Probe.Context(_ => new ContextContribution { Tools = [Tool("of-context")] }), "files"),
            ],
            explain: new ExplainConfiguration());

        var tools = (await ExplainAsync(engine)).Calls[0].Tools.Select(t => (t.Name, t.Source, t.Plugin));

        Assert.Equal(
            [
                ("of-context", PartSource.Context, "files"), ("of-inner", PartSource.Middleware, "inner"),
                ("of-outer", PartSource.Middleware, "outer"), ("of-run", PartSource.Middleware, "run"),
            ],
            tools.OrderBy(t => t.Name, StringComparer.Ordinal));
    }

    private static AIFunction Tool(string name) => AIFunctionFactory.Create(() => "ok", name);

    private static ScriptedModel CallingTool() => new(_ => ScriptedModel.CallTools(("c1", "read")), _ => ScriptedModel.Say("done"));

    private static async Task<RunExplanation> ExplainAsync(TestEngine engine)
    {
        var run = await engine.RunAsync("s", "hi");
        Assert.Equal(RunStatus.Completed, run.Status);
        return (await engine.Live.Explanations.FindAsync(Key("s"), run.Id, CancellationToken.None))!;
    }
}
