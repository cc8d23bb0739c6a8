using Microsoft.Extensions.Time.Testing;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Sessions.InMemory;
using PluginHost.Sdk;
using static PluginHost.Tests.Engine.TestEngine;

namespace PluginHost.Tests.Engine;

/// <summary>A session store that hangs keeps no session busy for ever.</summary>
public sealed class StoreTimeoutTests
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddYears(50));
    private readonly HangingStore _store = new();

    [Fact]
    public async Task A_save_that_hangs_fails_the_run_and_lets_the_next_one_in()
    {
        await using var engine = new TestEngine(ScriptedModel.Saying("ok"), [], time: _time, store: _store);
        _store.Where = "save";

        var run = await PassAsync(engine.RunAsync("s", "hi"));
        _store.Where = null;
        var next = await engine.RunAsync("s", "again");

        Assert.Equal((RunStatus.Failed, "storage"), (run.Status, run.Error!.Type));
        Assert.Equal(RunStatus.Completed, next.Status);
        Assert.Equal(["user: again", "assistant: ok"], await engine.StoredAsync("s"));
    }

    [Fact]
    public async Task A_load_that_hangs_refuses_the_run_and_a_read_alike()
    {
        await using var engine = new TestEngine(ScriptedModel.Saying("ok"), [], time: _time, store: _store);
        _store.Where = "find";

        var run = await Assert.ThrowsAsync<ProblemException>(() => PassAsync(engine.RunAsync("s", "hi")));
        _store.Reset();
        var read = await Assert.ThrowsAsync<ProblemException>(() => PassAsync(engine.Sessions.GetAsync(Key("s"), default).AsTask()));

        Assert.Equal((503, "storage-unavailable"), (run.Status, run.Type.Slug));
        Assert.Equal((503, "storage-unavailable"), (read.Status, read.Type.Slug));
    }

    [Fact]
    public async Task A_store_that_does_not_answer_shows_in_readiness_until_it_answers()
    {
        await using var engine = new TestEngine(ScriptedModel.Saying("ok"), [], time: _time, store: _store);
        _store.Where = "find";
        await Assert.ThrowsAsync<ProblemException>(() => PassAsync(engine.RunAsync("s", "hi")));

        _store.Reset();
        var found = await PassAsync(engine.Readiness.CheckAsync(default).AsTask());
        _store.Where = null;
        _time.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal("test-sessions", Assert.Single(found.Unhealthy).Path);
        Assert.Empty((await engine.Readiness.CheckAsync(default)).Unhealthy);
    }

    private async Task<T> PassAsync<T>(Task<T> running)
    {
        await Task.WhenAny(running, _store.Hanging.Entered);
        while (!running.IsCompleted)
        {
            _time.Advance(TimeSpan.FromSeconds(10));
            await Task.WhenAny(running, Task.Run(() => Thread.Yield()));
        }

        return await running;
    }

    private sealed class HangingStore : ISessionStore
    {
        private readonly InMemorySessions _inner = new();

        public string? Where { get; set; }

        public Hanging Hanging { get; private set; } = new();

        public void Reset() => Hanging = new();

        public async ValueTask<Page<SessionRecord>> FindSessionsAsync(SessionQuery query, CancellationToken cancellationToken)
        {
            if (Where == "find") await Hanging.ForeverAsync();
            return await _inner.FindSessionsAsync(query, cancellationToken);
        }

        public ValueTask<Page<RunRecord>> FindRunsAsync(RunQuery query, CancellationToken cancellationToken) =>
            _inner.FindRunsAsync(query, cancellationToken);

        public async ValueTask SaveAsync(SessionSave save, CancellationToken cancellationToken)
        {
            if (Where == "save") await Hanging.ForeverAsync();
            await _inner.SaveAsync(save, cancellationToken);
        }

        public ValueTask<int> DeleteAsync(SessionKey session, CancellationToken cancellationToken) => _inner.DeleteAsync(session, cancellationToken);
    }
}
