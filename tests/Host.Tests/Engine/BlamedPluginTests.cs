using Microsoft.Extensions.AI;
using PluginHost.Engine.Chains;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Plugins;
using PluginHost.Sdk;
using static PluginHost.Tests.Engine.TestEngine;

namespace PluginHost.Tests.Engine;

/// <summary>Which runs count as failed by a plugin, so that its changed DLL may be rolled back: failures of models and stops of callers do not.</summary>
public sealed class BlamedPluginTests
{
    private static readonly HashSet<string> Changed = ["p"];

    public static TheoryData<string, int, int> Cases => new()
    {
        { "nothing", 1, 0 },
        { "provider, skipped", 1, 1 },
        { "provider", 1, 1 },
        { "middleware", 1, 1 },
        { "append", 1, 1 },
        { "tool", 1, 0 },
        { "refusal", 0, 0 },
        { "model", 0, 0 },
        { "model, its exception replaced", 0, 0 },
        { "model that the plugin asked", 0, 0 },
        { "model that the plugin asked, skipped", 1, 0 },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Only_what_the_plugin_did_itself_counts(string cause, int runs, int failed)
    {
        var model = new ScriptedModel(
            _ => cause switch
            {
                "tool" => ScriptedModel.CallTools(("1", "work")),
                "model" or "model, its exception replaced" => ScriptedModel.Break(),
                _ => ScriptedModel.Say("done"),
            },
            _ => ScriptedModel.Say("done"));
        await using var engine = new TestEngine(model, [Plugin(cause)]);

        await engine.RunAsync("s", "hi");

        Assert.Equal(new RunCounts(runs, failed), engine.Set.Tally.Count(Changed));
    }

    [Fact]
    public async Task A_probe_does_not_count()
    {
        await using var engine = new TestEngine(ScriptedModel.Saying("ok"), []);

        await engine.Engine.ProbeAsync(engine.Set, engine.Set.Chains[0], Command("s", "hi"), default);

        Assert.Equal(default, engine.Set.Tally.Count(Changed));
    }

    [Fact]
    public async Task A_plugin_that_throws_because_the_caller_stops_the_run_does_not_count()
    {
        var entered = new TaskCompletionSource();
        await using var engine = new TestEngine(ScriptedModel.Saying("ok"), [TestEngine.Plugin(new Stopped(entered), "p", e => e with { OnError = OnError.Fail })]);

        var handle = await engine.Engine.StartAsync(Command("s", "hi"), default);
        await entered.Task.WaitAsync(TimeSpan.FromSeconds(20));
        var run = await engine.Engine.CancelAsync(Key("s"), handle.Record.Id, default).AsTask().WaitAsync(TimeSpan.FromSeconds(20));

        Assert.Equal(RunStatus.Cancelled, run!.Status);
        Assert.Equal(default, engine.Set.Tally.Count(Changed));
    }

    [Fact]
    public void Old_runs_leave_the_tally_and_other_plugins_do_not_count()
    {
        var tally = new RunTally();
        for (var i = 0; i < 300; i++) tally.Add(i < 100 ? ["p"] : ["other"]);

        Assert.Equal(new RunCounts(256, 56), tally.Count(Changed));
    }

    private static PluginInstance Plugin(string cause) => TestEngine.Plugin(
        cause switch
        {
            "append" => new Probe.History(appendError: new StorageException("The disk is full.")),
            "middleware" => new Probe.Middleware((_, _, _) => throw new InvalidOperationException("It is broken.")),
            "model, its exception replaced" => new Probe.Middleware(async (request, next, ct) =>
            {
                try
                {
                    return await next(request, ct);
                }
                catch (Exception)
                {
                    throw new InvalidOperationException("It failed.");
                }
            }),
            _ => new Probe.Context(_ => cause switch
            {
                "provider" or "provider, skipped" => throw new InvalidOperationException("It is broken."),
                "refusal" => throw new RunRefusedException("no", "No."),
                "model that the plugin asked" or "model that the plugin asked, skipped" =>
                    throw new InvalidOperationException("No summary.", new ModelException(ModelFailure.Unreachable, "The model is gone.")),
                "tool" => new() { Tools = [AIFunctionFactory.Create(string () => throw new InvalidOperationException("It is broken."), "work")] },
                _ => ContextContribution.Empty,
            }),
        },
        "p",
        e => cause == "append" ? e : e with { OnError = cause.EndsWith("skipped", StringComparison.Ordinal) ? OnError.Skip : OnError.Fail });

    private sealed class Stopped(TaskCompletionSource entered) : IContextProvider
    {
        public async ValueTask<ContextContribution> ProvideAsync(RunRequest request, CancellationToken cancellationToken)
        {
            var stopped = new TaskCompletionSource();
            await using var registration = cancellationToken.Register(stopped.SetResult);
            entered.SetResult();
            await stopped.Task;
            throw new InvalidOperationException("It was stopped.");
        }
    }
}
