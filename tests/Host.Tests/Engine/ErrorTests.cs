using PluginHost.Engine.Configuration.Model;
using PluginHost.Sdk;
using static PluginHost.Tests.Engine.TestEngine;

namespace PluginHost.Tests.Engine;

/// <summary>What plugins throw stays where it belongs.</summary>
public sealed class ErrorTests
{
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
        Assert.IsAssignableFrom<InvalidOperationException>(late);
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

        Assert.Equal(("plugin_error", "Plugin 'm' failed in RunMiddleware. System.InvalidOperationException: the host's log has the cause."), (failed.Error!.Type, failed.Error.Message));
        Assert.Equal(RunStatus.Completed, skipped.Status);
        Assert.Equal(["m", "c", "h"], skipped.Skipped);
    }

    [Fact]
    public async Task A_required_append_that_fails_makes_the_run_fail()
    {
        await using var engine = new TestEngine(ScriptedModel.Saying("ok"), [Plugin(new Probe.History(appendError: new StorageException("The disk of '/srv/data/history.db' is full.")), "h")]);

        var run = await engine.RunAsync("s", "hi");

        Assert.Equal((RunStatus.Failed, "storage"), (run.Status, run.Error!.Type));
        Assert.EndsWith("The disk of 'history.db' is full.", run.Error.Message, StringComparison.Ordinal);
        var stored = await engine.Engine.ListRunsAsync(new RunQuery { Tenant = "default", SessionId = "s" }, default);
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
}
