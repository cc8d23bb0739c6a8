using Microsoft.Extensions.AI;
using PluginHost.Engine.Runs.Journal;
using PluginHost.Sdk;
using static PluginHost.Tests.Engine.Journal.JournaledHost;

namespace PluginHost.Tests.Engine.Journal;

/// <summary>Each step of a run with tools is recorded, and done once.</summary>
public sealed class StepTests : IAsyncDisposable
{
    private readonly JournaledHost _host = new();

    [Fact]
    public async Task A_run_with_tools_records_the_answer_and_the_call_before_the_tool_and_the_result_after_it()
    {
        var seen = new List<string>();
        var tool = AIFunctionFactory.Create(() => seen.AddRange(Kinds()), "act");
        var engine = _host.Start(
            new ScriptedModel(_ => ScriptedModel.CallTools(("1", "act"), ("2", "act")), _ => ScriptedModel.Say("done")), TestEngine.Plugin(Tools(tool), "tools"));

        var run = await engine.RunAsync("s", "hi");

        Assert.Equal(RunStatus.Completed, run.Status);
        Assert.Equal(["Command", "Attempt", "Answer", "Call", "Command", "Attempt", "Answer", "Call", "Result", "Call"], seen);
        Assert.Equal("Result", Kinds()[^1]);
        Assert.Empty(await _host.OpenRunsAsync());
        Assert.Equal(0, await _host.StepsAsync("s", run.Id));

        IReadOnlyList<string> Kinds()
        {
            lock (_host.Process.Writes)
                return [.. _host.Process.Writes.SelectMany(w => w.Steps).Select(s => JournalDocument.Read(new JournalStep(0, s)).GetType().Name)];
        }
    }

    [Fact]
    public async Task A_tool_is_not_called_when_the_call_cannot_be_recorded_and_the_run_fails()
    {
        var calls = 0;
        var tool = AIFunctionFactory.Create(() => ++calls, "act");
        var model = new ScriptedModel(_ => ScriptedModel.CallTools(("1", "act"), ("2", "act")), _ => ScriptedModel.Say("done"));
        var engine = _host.Start(model, TestEngine.Plugin(Tools(tool), "tools"));
        _host.Process.BeforeWrite = static _ => throw new IOException("the disk is full");

        var run = await engine.RunAsync("s", "hi");

        Assert.Equal((RunStatus.Failed, "storage", 0), (run.Status, run.Error?.Type, calls));
        Assert.Single(model.Calls);
    }

    [Fact]
    public async Task The_key_of_a_call_is_its_own_and_the_calls_of_the_callers_tools_are_not_recorded()
    {
        var keys = new List<string>();
        var tool = AIFunctionFactory.Create((AIFunctionArguments arguments) => keys.Add(arguments.GetIdempotencyKey()), "act");
        var model = new ScriptedModel(
            _ => ScriptedModel.CallTools(("1", "act"), ("1", "act")), _ => ScriptedModel.CallTools(("1", "act")), _ => ScriptedModel.CallTools(("9", "mine")));
        var engine = _host.Start(model, TestEngine.Plugin(Tools(tool), "tools"));
        var mine = AIFunctionFactory.CreateDeclaration("mine", null, System.Text.Json.JsonElement.Parse("{}"));

        var run = await engine.RunAsync(TestEngine.Command("s", "hi") with { CallerTools = [mine] });

        Assert.Equal(RunStatus.RequiresAction, run.Status);
        Assert.Equal(3, keys.Distinct().Count());
        Assert.All(keys, k => Assert.StartsWith(run.Id, k, StringComparison.Ordinal));
        var steps = _host.Process.Writes.SelectMany(w => w.Steps).Select(s => JournalDocument.Read(new JournalStep(0, s))).ToList();
        Assert.Equal(2, steps.OfType<JournalEntry.Answer>().Count());
        Assert.Equal(3, steps.OfType<JournalEntry.Call>().Count());
    }

    [Fact]
    public async Task A_run_whose_output_the_store_cannot_write_ends_as_failed_and_does_not_stay_open()
    {
        var engine = _host.Start(ScriptedModel.Saying("ok"));
        _host.Process.BeforeSave = static save => save.Run!.Output.Count > 0 ? throw new NotSupportedException("no JSON") : default(ValueTask);

        var failed = await engine.RunAsync(Streamed("s", "hi"));
        var model = ScriptedModel.Saying("x");
        var next = _host.Start(model);
        await next.Engine.RecoverAsync(default);

        Assert.Equal((RunStatus.Failed, "internal_error"), (failed.Status, failed.Error?.Type));
        Assert.Empty(await _host.OpenRunsAsync());
        Assert.Equal(RunStatus.Failed, (await next.Engine.GetRunAsync(failed.Session, failed.Id, default)).Status);
        Assert.Empty(model.Calls);
        Assert.Empty(await next.StoredAsync("s"));
    }

    [Fact]
    public async Task A_run_whose_end_could_not_be_stored_is_continued_by_a_retry_with_its_key()
    {
        var calls = 0;
        var tool = AIFunctionFactory.Create(() => ++calls, "act");
        var model = new ScriptedModel(_ => ScriptedModel.CallTools(("1", "act")), _ => ScriptedModel.Say("done"));
        var engine = _host.Start(model, TestEngine.Plugin(Tools(tool), "tools"));
        _host.Process.BeforeSave = static _ => throw new IOException("the disk is full");
        var command = Streamed("s", "hi") with { IdempotencyKey = "k", RequestHash = "h" };

        var lost = await engine.RunAsync(command);
        _host.Process.BeforeSave = static _ => default;
        var retried = await engine.RunAsync(command);

        Assert.Equal((RunStatus.Failed, "storage"), (lost.Status, lost.Error?.Type));
        Assert.Equal((lost.Id, RunStatus.Completed, 2), (retried.Id, retried.Status, retried.Attempt));
        Assert.Equal(1, calls);
        Assert.Empty(await _host.OpenRunsAsync());
    }

    [Fact]
    public async Task A_run_whose_end_could_not_be_stored_and_that_called_a_tool_without_a_record_ends_with_a_retry()
    {
        var calls = 0;
        var tool = AIFunctionFactory.Create(() => ++calls, "act");
        var model = new ScriptedModel(_ => Unwritable(), _ => ScriptedModel.Say("done"), _ => ScriptedModel.Say("again"));
        var engine = _host.Start(model, TestEngine.Plugin(Tools(tool), "tools"));
        _host.Process.BeforeSave = static _ => throw new IOException("the disk is full");
        var command = Streamed("s", "hi") with { IdempotencyKey = "k", RequestHash = "h" };

        var lost = await engine.RunAsync(command);
        _host.Process.BeforeSave = static _ => default;
        var ended = await engine.RunAsync(command);

        Assert.Equal((RunStatus.Failed, "storage"), (lost.Status, lost.Error?.Type));
        Assert.Equal((lost.Id, RunStatus.Failed, "host_lost"), (ended.Id, ended.Status, ended.Error?.Type));
        Assert.Contains("without a record", ended.Error!.Message, StringComparison.Ordinal);
        Assert.Equal(1, calls);
        Assert.Empty(await _host.OpenRunsAsync());
        Assert.Equal(RunStatus.Completed, (await engine.RunAsync(command)).Status);

        static async IAsyncEnumerable<ChatResponseUpdate> Unwritable()
        {
            await foreach (var update in ScriptedModel.CallTools(("1", "act")))
            {
                update.AdditionalProperties = new() { ["type"] = typeof(string) };
                yield return update;
            }
        }
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    private static Probe.Context Tools(params AIFunction[] tools) => new(_ => new ContextContribution { Tools = tools });
}
