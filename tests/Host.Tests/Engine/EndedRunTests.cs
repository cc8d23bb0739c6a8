using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Runs.Live;
using PluginHost.ModelClients.Echo;
using PluginHost.Sdk;
using static PluginHost.Tests.Engine.TestEngine;

namespace PluginHost.Tests.Engine;

/// <summary>Runs that have ended stay in memory for callers who come back, up to a number of bytes.</summary>
public sealed class EndedRunTests
{
    private const int Mebibyte = 1024 * 1024;

    private static readonly string Large = new('x', 4 * Mebibyte - 100);

    [Fact]
    public async Task Ended_runs_of_four_megabytes_are_kept_up_to_the_limit_and_the_store_has_the_rest()
    {
        await using var engine = Engine(limit: 32 * Mebibyte);
        var runs = new List<RunRecord>();
        for (var i = 0; i < 12; i++) runs.Add(await RunAsync(engine, "default", Large));

        Assert.InRange(engine.Live.EndedBytes, 16 * Mebibyte, 32 * Mebibyte);
        Assert.Equal(runs[^1..], Kept(engine, runs));
        foreach (var run in runs) Assert.Equal(run.Output[0].Text, (await engine.Engine.GetRunAsync(run.Session, run.Id, default)).Output[0].Text);
    }

    [Fact]
    public void The_images_of_a_tools_result_and_what_is_beside_a_content_count()
    {
        var image = new FunctionResultContent("c", new List<AIContent> { new DataContent(new byte[Mebibyte], "image/png") });
        var beside = new TextContent("x") { AdditionalProperties = new() { ["kept"] = new string('x', Mebibyte) } };

        Assert.InRange(RunMemory.Measure(new ChatResponseUpdate(ChatRole.Tool, [image])), Mebibyte, 2 * Mebibyte);
        Assert.InRange(RunMemory.Measure(new ChatResponseUpdate(ChatRole.Assistant, [beside])), 2 * Mebibyte, 3 * Mebibyte);
    }

    [Fact]
    public async Task A_run_whose_caller_gets_the_end_alone_makes_its_events_of_its_output_and_another_keeps_them()
    {
        await using var engine = new TestEngine(new ScriptedModel(_ => ScriptedModel.Say("a", "b", "c")), []);
        var alone = (await engine.RunAsync(Command("s", "hi") with { GetsEndAlone = true })).Id;
        var followed = await engine.Engine.StartAsync(Command("t", "hi"), default);
        await followed.Completion;
        await IdleAsync(engine);

        var events = await EventsAsync(engine.Live.Find(Key("s"), alone)!);
        Assert.Equal([1, 2, 3], events.Select(e => e.Id));
        Assert.Equal("abc", Assert.IsType<RunEvent.Updated>(events[1]).Update.Text);
        Assert.Equal(events.Select(e => e.Id), (await EventsAsync(engine.Live.Find(Key("s"), alone)!)).Select(e => e.Id));
        Assert.Equal([1, 2, 3, 4, 5], (await EventsAsync(followed)).Select(e => e.Id));
    }

    [Fact]
    public async Task An_ended_run_does_not_hold_its_command()
    {
        await using var engine = Engine(limit: 32 * Mebibyte);
        var (command, run) = await RunOnceAsync(engine);

        for (var i = 0; i < 10 && command.IsAlive; i++) GC.Collect();
        Assert.False(command.IsAlive);
        Assert.Equal([run], Kept(engine, [run]));
    }

    [Fact]
    public async Task A_tenant_that_fills_the_memory_loses_its_own_runs_first()
    {
        await using var engine = Engine(limit: 32 * Mebibyte);
        var runs = new List<RunRecord>();
        for (var i = 0; i < 3; i++) runs.Add(await RunAsync(engine, "small", "hi"));
        for (var i = 0; i < 6; i++) runs.Add(await RunAsync(engine, "large", Large));

        Assert.Equal([.. runs[..3], runs[^1]], Kept(engine, runs));
    }

    [Fact]
    public async Task There_are_never_more_than_256_and_a_tenant_with_many_does_not_displace_one_with_few()
    {
        await using var engine = Engine(limit: 4 * Mebibyte);
        var few = await RunAsync(engine, "few", "hi");
        var many = new List<RunRecord>();
        for (var i = 0; i < 300; i++) many.Add(await RunAsync(engine, "many", "hi"));

        Assert.Equal([few], Kept(engine, [few]));
        Assert.Equal(many[^255..], Kept(engine, many));
    }

    [Fact]
    public async Task A_run_that_is_larger_than_the_limit_is_not_kept_and_displaces_none()
    {
        await using var engine = Engine(limit: Mebibyte);
        var small = await RunAsync(engine, "default", "hi");
        var large = await RunAsync(engine, "default", Large);

        Assert.Equal([small], Kept(engine, [small, large]));
    }

    [Fact]
    public async Task A_deleted_session_leaves_nothing()
    {
        await using var engine = Engine(limit: 32 * Mebibyte);
        var run = await RunAsync(engine, "default", "hi");
        await engine.Sessions.DeleteAsync(run.Session, default);

        Assert.Empty(Kept(engine, [run]));
        Assert.Equal(0, engine.Live.EndedBytes);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task<(WeakReference Command, RunRecord Run)> RunOnceAsync(TestEngine engine)
    {
        var command = Command("s", Large);
        var run = await engine.RunAsync(command);
        await IdleAsync(engine);
        return (new WeakReference(command), run);
    }

    private static async Task<RunRecord> RunAsync(TestEngine engine, string tenant, string text)
    {
        var run = await engine.RunAsync(Command($"s{Guid.NewGuid():N}", text) with { Tenant = tenant });
        await IdleAsync(engine);
        return run;
    }

    /// <summary>A caller has the answer just before the run counts as ended.</summary>
    private static async Task IdleAsync(TestEngine engine)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (engine.Live.Active > 0)
        {
            limit.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    private static async Task<List<RunEvent>> EventsAsync(RunHandle run)
    {
        var events = new List<RunEvent>();
        await foreach (var next in run.ReadEventsAsync(0, default)) events.Add(next);
        return events;
    }

    private static IEnumerable<RunRecord> Kept(TestEngine engine, IEnumerable<RunRecord> runs) =>
        runs.Where(r => engine.Live.Find(r.Session, r.Id) is not null);

    private static TestEngine Engine(long limit) =>
        new(new EchoChatClient(new EchoOptions(), TimeProvider.System), [], new SessionsConfiguration { MaxEndedRunBytes = limit });
}
