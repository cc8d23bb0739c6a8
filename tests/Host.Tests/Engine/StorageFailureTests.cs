using PluginHost.Engine.Runs.Live;
using PluginHost.Engine.Sessions.InMemory;
using PluginHost.Sdk;
using static PluginHost.Tests.Engine.TestEngine;

namespace PluginHost.Tests.Engine;

/// <summary>What histories and the store do not take is not half there, and can be tried again.</summary>
public sealed class StorageFailureTests
{
    [Fact]
    public async Task When_one_history_fails_the_others_give_back_what_they_took_and_a_retry_stores_once()
    {
        var good = new InMemoryHistory();
        var failing = new FailsOnce();
        await using var engine = new TestEngine(
            ScriptedModel.Saying("ok"), [Plugin(failing, "failing", e => e with { Load = false }), Plugin(good, "good")]);

        var failed = await engine.RunAsync(Keyed("hi"));
        var afterFailure = await engine.StoredAsync("s");
        var retried = await engine.RunAsync(Keyed("hi"));

        Assert.Equal("storage", failed.Error!.Type);
        Assert.Empty(afterFailure);
        Assert.Equal(RunStatus.Completed, retried.Status);
        Assert.Equal(["user: hi", "assistant: ok"], await Stored(good));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task When_the_save_fails_a_retry_stores_once_with_a_key_and_nothing_stays_without(bool withKey)
    {
        var history = new InMemoryHistory();
        await using var engine = new TestEngine(ScriptedModel.Saying("ok"), [Plugin(history, "h")], store: new SaveFailsOnce());
        var command = withKey ? Keyed("hi") : Command("s", "hi");

        var failed = await engine.RunAsync(command);
        var between = await Stored(history);
        var retried = await engine.RunAsync(command);

        Assert.Equal((RunStatus.Failed, "storage"), (failed.Status, failed.Error!.Type));
        Assert.Equal(withKey ? 2 : 0, between.Count);
        Assert.Equal(RunStatus.Completed, retried.Status);
        Assert.Equal(["user: hi", "assistant: ok"], await Stored(history));
    }

    [Fact]
    public async Task A_retry_on_another_host_after_a_crash_between_append_and_save_stores_once()
    {
        var history = new InMemoryHistory();
        var model = ScriptedModel.Saying("ok");
        await using (var crashing = new TestEngine(model, [Plugin(history, "h")], store: new SaveFailsOnce()))
            await crashing.RunAsync(Keyed("hi") with { SessionId = null });
        await using var engine = new TestEngine(model, [Plugin(history, "h")]);

        var run = await engine.RunAsync(Keyed("hi") with { SessionId = null });

        Assert.Equal(RunStatus.Completed, run.Status);
        Assert.Equal(["user: hi"], model.Sent(1));
        Assert.Equal(["user: hi", "assistant: ok"], await Stored(history, run.Session.Id));
    }

    private static RunCommand Keyed(string text, string hash = "h") => Command("s", text) with { IdempotencyKey = "k", RequestHash = hash };

    private static async Task<List<string>> Stored(InMemoryHistory history, string session = "s")
    {
        var page = await history.LoadAsync(new HistoryQuery(Key(session)) { Limit = 100, IncludeFailed = true }, default);
        return page.Items.Select(m => $"{m.Message.Role}: {Describe(m.Message)}").ToList();
    }

    private sealed class FailsOnce : IHistoryProvider
    {
        private bool _failed;

        public ValueTask<Page<HistoryMessage>> LoadAsync(HistoryQuery query, CancellationToken cancellationToken) => new(new Page<HistoryMessage>([], false));

        public ValueTask AppendAsync(HistoryAppend append, CancellationToken cancellationToken)
        {
            if (_failed) return default;
            _failed = true;
            throw new IOException("disk full");
        }

        public ValueTask<int> DeleteAsync(SessionKey session, IReadOnlyList<string>? messageIds, CancellationToken cancellationToken) => new(0);
    }

    private sealed class SaveFailsOnce : ISessionStore
    {
        private readonly InMemorySessions _inner = new();
        private bool _failed;

        public ValueTask<Page<SessionRecord>> FindSessionsAsync(SessionQuery query, CancellationToken cancellationToken) =>
            _inner.FindSessionsAsync(query, cancellationToken);

        public ValueTask<Page<RunRecord>> FindRunsAsync(RunQuery query, CancellationToken cancellationToken) =>
            _inner.FindRunsAsync(query, cancellationToken);

        public ValueTask SaveAsync(SessionSave save, CancellationToken cancellationToken)
        {
            if (_failed) return _inner.SaveAsync(save, cancellationToken);
            _failed = true;
            throw new IOException("disk full");
        }

        public ValueTask<int> DeleteAsync(SessionKey session, CancellationToken cancellationToken) => _inner.DeleteAsync(session, cancellationToken);
    }
}
