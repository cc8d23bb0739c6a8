using Microsoft.Extensions.AI;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Plugins;
using PluginHost.Sdk;
using PluginHost.Testing;
using PluginHost.Tests.Engine;
using PluginHost.Tests.Telemetry;
using YamlDotNet.RepresentationModel;
using static PluginHost.Tests.Engine.TestEngine;

namespace PluginHost.Tests.Deploy;

/// <summary>
/// The days of <c>deploy/prometheus/pluginhost.days.test.yaml</c>, for which promtool proves which alert fires: what the real host
/// measures on each is what the file says.
/// </summary>
[Collection(TelemetryCollection.Name)]
public sealed class DayTests
{
    private static readonly string[] Counted =
        ["pluginhost.run.duration", "pluginhost.plugin.call.duration", "pluginhost.session.operation.duration", "gen_ai.client.operation.duration", "pluginhost.run.refused"];

    [Fact]
    public async Task A_wave_of_stops()
    {
        var slow = new Hanging();
        await CheckAsync("a wave of stops", new ScriptedModel(_ => slow.StreamAsync(ScriptedModel.Say("late"))), async engine =>
        {
            var run = await engine.Engine.StartAsync(Command("s", "hi"), default);
            await slow.Entered;
            run.Cancel();
            slow.LetGo();
            await run.Completion;
        });
    }

    [Fact]
    public Task A_model_down() => CheckAsync(
        "a model down", new StubModel { Error = new ModelException(ModelFailure.Unreachable, "down") }, engine => engine.RunAsync("s", "hi"));

    [Fact]
    public Task One_bad_client() => CheckAsync("one bad client", new StubModel(), async engine =>
    {
        await engine.RunAsync("s", "hi");
        await Assert.ThrowsAsync<ProblemException>(() => engine.RunAsync("s", ""));
        await Assert.ThrowsAsync<ProblemException>(() => engine.RunAsync(Command("s", "hi") with { Agent = "none" }));
        await Assert.ThrowsAsync<ProblemException>(() => engine.RunAsync(Command("none", "hi") with { CreateSession = false }));
    });

    [Fact]
    public Task Regenerations() => CheckAsync("regenerations", new StubModel(), async engine =>
    {
        var first = await engine.RunAsync("s", "one");
        await engine.RunAsync("s", "two");
        await Assert.ThrowsAsync<ProblemException>(() => engine.RunAsync(Command("s", "two") with { AfterRun = first.Id }));
        await engine.RunAsync("branch", "two");
    });

    [Fact]
    public Task A_full_disk() => CheckAsync("a full disk", new StubModel(), engine => engine.RunAsync("s", "hi"), new FullDisk());

    [Fact]
    public Task A_full_disk_for_streamed_runs() => CheckAsync(
        "a full disk, streamed",
        new StubModel(),
        engine => Assert.ThrowsAsync<ProblemException>(() => engine.RunAsync(Command("s", "hi") with { Streamed = true })),
        new JournalOnFullDisk());

    private static async Task CheckAsync(string day, IChatClient model, Func<TestEngine, Task> happen, ISessionStore? store = null)
    {
        PluginInstance[] plugins =
        [
            Plugin(new Probe.Middleware((request, next, ct) => next(request, ct)), "redaction"),
            Plugin(new Probe.History(), "history"),
            Plugin(new Probe.Context(_ => new()), "memory"),
        ];
        await using var traced = await TracedEngine.StartAsync(model, plugins, store: store);
        await happen(traced.Tested);
        var measured = string.Join('\n', (await traced.EndAsync()).Points.Where(p => Counted.Contains(p.Name)).Select(ToSeries).Order(StringComparer.Ordinal));

        Assert.True(measured == string.Join('\n', SeriesOf(day).Order(StringComparer.Ordinal)), $"On '{day}' the host measures:\n{measured}");
    }

    private static IEnumerable<string> SeriesOf(string day) =>
        ((YamlSequenceNode)((YamlSequenceNode)DeployFiles.Yaml("prometheus/pluginhost.days.test.yaml").Find("tests")!)
            .Single(t => t.Find("name")!.ToString() == day).Find("input_series")!)
        .Select(s => s.Find("series")!.ToString()).Where(s => !s.StartsWith("pluginhost_plugin_contexts", StringComparison.Ordinal));

    private static string ToSeries(ReceivedPoint point)
    {
        var name = point.Name.Replace('.', '_') + (point.Unit == "s" ? "_seconds_count" : "_total");
        var labels = point.Attributes.OrderBy(a => a.Key, StringComparer.Ordinal).Select(a => $"{a.Key.Replace('.', '_')}=\"{a.Value}\"").Prepend("job=\"pluginhost\"");
        return $"{name}{{{string.Join(',', labels)}}}";
    }

    /// <summary>A store that commits the history with the session, on a disk that is full.</summary>
    private class FullDisk : ISessionStore
    {
        public bool Covers(IHistoryProvider history) => true;

        public ValueTask<Page<SessionRecord>> FindSessionsAsync(SessionQuery query, CancellationToken cancellationToken) => new(new Page<SessionRecord> { Items = [], HasMore = false });

        public ValueTask<Page<RunRecord>> FindRunsAsync(RunQuery query, CancellationToken cancellationToken) => new(new Page<RunRecord> { Items = [], HasMore = false });

        public ValueTask SaveAsync(SessionSave save, CancellationToken cancellationToken) => throw new IOException("disk full");

        public ValueTask<int> DeleteAsync(SessionKey session, CancellationToken cancellationToken) => new(0);
    }

    private sealed class JournalOnFullDisk : FullDisk, IRunJournal
    {
        public ValueTask WriteAsync(JournalWrite write, CancellationToken cancellationToken) => throw new IOException("disk full");

        public ValueTask<Page<JournalStep>> ReadAsync(SessionKey session, string runId, int first, int limit, CancellationToken cancellationToken) =>
            new(new Page<JournalStep> { Items = [], HasMore = false });

        public ValueTask<Page<RunRecord>> FindOpenRunsAsync(OpenRunQuery query, CancellationToken cancellationToken) =>
            new(new Page<RunRecord> { Items = [], HasMore = false });
    }
}
