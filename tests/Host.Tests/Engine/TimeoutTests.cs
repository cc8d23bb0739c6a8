using Microsoft.Extensions.AI;
using Microsoft.Extensions.Time.Testing;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Errors;
using PluginHost.Sdk;
using static PluginHost.Tests.Engine.TestEngine;

namespace PluginHost.Tests.Engine;

/// <summary>Nothing that a plugin or a model does keeps a run from ending.</summary>
public sealed class TimeoutTests
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddYears(50));
    private readonly Hanging _hanging = new();

    [Theory]
    [InlineData("load", "plugin_timeout")]
    [InlineData("provide", "plugin_timeout")]
    [InlineData("before", "plugin_timeout")]
    [InlineData("wrap", "plugin_timeout")]
    [InlineData("chat", "plugin_timeout")]
    [InlineData("append", "storage")]
    public async Task A_plugin_that_never_returns_fails_the_run_at_its_timeout(string where, string errorType)
    {
        await using var engine = EngineWith(where, OnError.Fail, CallingTheTool());

        var run = await RunPastTimeoutAsync(engine);

        Assert.Equal((RunStatus.Failed, errorType), (run.Status, run.Error!.Type));
        Assert.Contains("Plugin 'p' took too long", run.Error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("load")]
    [InlineData("provide")]
    [InlineData("before")]
    [InlineData("wrap")]
    [InlineData("chat")]
    [InlineData("append")]
    [InlineData("observe")]
    public async Task A_plugin_that_never_returns_and_may_be_skipped_is_named_and_the_run_continues(string where)
    {
        await using var engine = EngineWith(where, OnError.Skip, ScriptedModel.Saying("ok"));

        var run = await RunPastTimeoutAsync(engine);

        Assert.Equal((RunStatus.Completed, "ok"), (run.Status, run.Output.Single().Text));
        // An observer runs when the result is final, and is named in what is stored.
        Assert.Equal(["p"], run.Skipped);
    }

    [Theory]
    [InlineData("tool")]
    [InlineData("function")]
    public async Task A_tool_or_function_middleware_that_never_returns_becomes_the_tools_error(string where)
    {
        var model = CallingTheTool();
        await using var engine = EngineWith(where, OnError.Fail, model);

        var run = await RunPastTimeoutAsync(engine);

        Assert.Equal(RunStatus.Completed, run.Status);
        Assert.Equal("done", run.Output[^1].Text);
        Assert.Contains(model.Calls[1].Messages[^1].Contents, c => c is FunctionResultContent { CallId: "1" });
    }

    [Fact]
    public async Task A_middleware_that_hangs_after_next_does_not_take_the_answer_away()
    {
        await using var engine = EngineWith("after", OnError.Fail, ScriptedModel.Saying("ok"));

        var run = await RunPastTimeoutAsync(engine);

        Assert.Equal((RunStatus.Completed, "ok"), (run.Status, run.Output.Single().Text));
    }

    [Fact]
    public async Task A_run_that_takes_too_long_fails_and_lets_the_next_one_in()
    {
        var model = new ScriptedModel(_ => HangingModel(_hanging), _ => ScriptedModel.Say("ok"));
        await using var engine = new TestEngine(model, [], new SessionsConfiguration { RunTimeout = TimeSpan.FromMinutes(5) }, _time);

        var running = engine.RunAsync("s", "hi");
        await _hanging.Entered;
        var next = engine.RunAsync("s", "next");
        await PassAsync(TimeSpan.FromMinutes(5), until: running);

        Assert.Equal((RunStatus.Failed, "run_timeout"), ((await running).Status, (await running).Error!.Type));
        Assert.Equal(RunStatus.Failed, (await running).Status);
        // The queue's own time limit is 30 seconds.
        var refused = await Assert.ThrowsAsync<ProblemException>(() => next);
        Assert.Equal("session-busy", refused.Type.Slug);
        Assert.Equal("ok", (await engine.RunAsync("s", "again")).Output.Single().Text);
    }

    internal static async IAsyncEnumerable<ChatResponseUpdate> HangingModel(Hanging hanging)
    {
        await hanging.ForeverAsync();
        yield return new(ChatRole.Assistant, "never");
    }

    private static ScriptedModel CallingTheTool() =>
        new(_ => ScriptedModel.CallTools(("1", "work")), _ => ScriptedModel.Say("done"));

    private static Func<EntrySettings, EntrySettings> Seconds(int timeout) => e => e with { Timeout = TimeSpan.FromSeconds(timeout) };

    private TestEngine EngineWith(string where, OnError onError, ScriptedModel model) => new(
        model, [Plugin(new Hanging.Plugin(_hanging, where), "p", e => Seconds(10)(e) with { OnError = onError })],
        new SessionsConfiguration { RunTimeout = TimeSpan.FromDays(40) },
        _time);

    private async Task<RunRecord> RunPastTimeoutAsync(TestEngine engine)
    {
        var running = engine.RunAsync("s", "hi");
        await _hanging.Entered.WaitAsync(TimeSpan.FromSeconds(20));
        await PassAsync(TimeSpan.FromSeconds(10), until: running);
        return await running;
    }

    /// <summary>The hang is entered before the host begins to watch it, so time passes in steps.</summary>
    private async Task PassAsync(TimeSpan step, Task until)
    {
        while (!until.IsCompleted)
        {
            _time.Advance(step);
            await Task.WhenAny(until, Task.Run(() => Thread.Yield()));
        }
    }
}
