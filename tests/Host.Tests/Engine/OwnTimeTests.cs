using Microsoft.Extensions.AI;
using Microsoft.Extensions.Time.Testing;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Sdk;
using static PluginHost.Tests.Engine.TestEngine;

namespace PluginHost.Tests.Engine;

/// <summary>Only a middleware's own time counts.</summary>
public sealed class OwnTimeTests
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddYears(50));
    private readonly Hanging _hanging = new();

    [Fact]
    public async Task A_slow_model_or_tool_inside_never_trips_the_timeout_of_a_middleware()
    {
        var model = new ScriptedModel(_ => ScriptedModel.CallTools(("1", "slow")), _ => AfterAsync(TimeSpan.FromMinutes(1)));
        var slow = AIFunctionFactory.Create(() => _time.Advance(TimeSpan.FromSeconds(29)), "slow");
        await using var engine = new TestEngine(
            model,
            [
                Plugin(new Probe.Middleware((r, next, ct) => next(r, ct)), "run", Seconds(1)),
                Plugin(new Probe.Chat((inner, _) => new Passing(inner)), "chat", Seconds(1)),
                Plugin(new Probe.Function((call, next, ct) => next(call, ct)), "function", Seconds(1)),
                Plugin(new Probe.Context(_ => new() { Tools = [slow] }), "tools", Seconds(30)),
            ],
            time: _time);

        var run = await engine.RunAsync("s", "hi");

        Assert.Equal((RunStatus.Completed, "late"), (run.Status, run.Output[^1].Text));

        async IAsyncEnumerable<ChatResponseUpdate> AfterAsync(TimeSpan passed)
        {
            await Task.Yield();
            _time.Advance(passed);
            await Task.Yield();
            yield return new(ChatRole.Assistant, "late");
        }
    }

    [Fact]
    public async Task A_middlewares_own_time_adds_up_before_and_after_what_it_wraps()
    {
        await using var engine = new TestEngine(
            ScriptedModel.Saying("ok"),
            [
                Plugin(new Probe.Middleware(async (r, next, ct) =>
                {
                    await Task.Yield();
                    _time.Advance(TimeSpan.FromSeconds(6));
                    var response = await next(r, ct);
                    _time.Advance(TimeSpan.FromSeconds(3));
                    await _hanging.ForeverAsync();
                    return response;
                }), "p", Seconds(10)),
            ],
            time: _time);

        var running = engine.RunAsync("s", "hi");
        await _hanging.Entered;
        Assert.False(running.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(RunStatus.Completed, (await running).Status);
    }

    private static Func<EntrySettings, EntrySettings> Seconds(int timeout) => e => e with { Timeout = TimeSpan.FromSeconds(timeout) };

    private sealed class Passing(IChatClient inner) : DelegatingChatClient(inner);
}
