using Microsoft.Extensions.AI;
using PluginHost.Sdk;
using PluginHost.Tests.Engine;
using static PluginHost.Tests.Engine.TestEngine;
using static PluginHost.Tests.Telemetry.OutcomeSpanTests;

namespace PluginHost.Tests.Telemetry;

/// <summary>Which part a failing call of a tool is an error of.</summary>
[Collection(TelemetryCollection.Name)]
public sealed class ToolSpanTests
{
    [Fact]
    public async Task A_tool_whose_result_says_that_it_failed_is_a_failed_call_and_the_model_gets_the_result()
    {
        var tool = AIFunctionFactory.Create(() => new FunctionResultContent("", "no such order") { Exception = new InvalidOperationException("secret") }, "answer");
        await using var traced = await TracedEngine.StartAsync(new StubModel(), [Plugin(new Probe.Context(_ => new ContextContribution { Tools = [tool] }), "memory")]);

        var run = await traced.Tested.RunAsync("s", "hi");
        var received = await traced.EndAsync();

        Assert.Equal(RunStatus.Completed, run.Status);
        Assert.Empty(run.Failures);
        Assert.Equal("no such order", run.Output.SelectMany(m => m.Contents).OfType<FunctionResultContent>().Single().Result?.ToString());
        Assert.Equal(["execute_tool answer"], received.Spans.Where(s => s.IsError).Select(s => s.Name));
        Assert.Equal("tool_error", Assert.Single(received.Points, p => p.Name == "gen_ai.execute_tool.duration").Attributes["error.type"]);
    }

    [Fact]
    public async Task A_tool_of_a_plugin_that_is_a_middleware_of_it_too_fails_itself()
    {
        var tool = AIFunctionFactory.Create(string () => throw new InvalidOperationException("secret"), "answer");
        await using var traced = await TracedEngine.StartAsync(new StubModel(), [Plugin(new ToolsAndMiddleware(tool), "budget")]);

        await traced.Tested.RunAsync("s", "hi");
        var spans = (await traced.EndAsync()).Spans;

        var middleware = Assert.Single(spans, s => s.Name == "budget middleware");
        Assert.Equal((false, "passed_through"), (middleware.IsError, middleware.Attributes["pluginhost.cause"]));
        Assert.Equal("System.InvalidOperationException", Find(spans, "execute_tool answer").Attributes["error.type"]);
    }

    private sealed class ToolsAndMiddleware(AIFunction tool) : IContextProvider, IFunctionMiddleware
    {
        public ValueTask<ContextContribution> ProvideAsync(RunRequest request, CancellationToken cancellationToken) => new(new ContextContribution { Tools = [tool] });

        public ValueTask<object?> InvokeAsync(FunctionInvocation invocation, FunctionDelegate next, CancellationToken cancellationToken) => next(invocation, cancellationToken);
    }
}
