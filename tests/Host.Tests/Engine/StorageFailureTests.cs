using Microsoft.Extensions.AI;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Runs.Live;
using PluginHost.Engine.Sessions.InMemory;
using PluginHost.Engine.Sessions.Store;
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
    public async Task A_run_that_could_not_be_stored_may_be_sent_again_after_a_second()
    {
        await using var engine = new TestEngine(ScriptedModel.Saying("ok"), [], store: new SaveFailsOnce());

        var problem = Problem.FromFailedRun(await engine.RunAsync(Command("s", "hi")));

        Assert.Equal((ProblemTypes.StorageUnavailable, 1), (problem.Type, problem.RetryAfterSeconds));
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

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task When_what_was_appended_cannot_be_removed_the_answer_says_that_it_may_be_stored(bool withKey)
    {
        var history = new CannotDelete();
        await using var engine = new TestEngine(ScriptedModel.Saying("ok"), [Plugin(history, "h")], store: new SaveFailsOnce());

        var failed = await engine.RunAsync(withKey ? Keyed("hi") : Command("s", "hi"));

        Assert.Equal(2, history.Stored.Count);
        Assert.Contains("essages may be stored", failed.Error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task When_one_history_and_the_save_fail_a_retry_with_the_key_stores_once()
    {
        var good = new InMemoryHistory();
        await using var engine = new TestEngine(
            ScriptedModel.Saying("ok"),
            [Plugin(new FailsOnce(), "failing", e => e with { Load = false }), Plugin(good, "good")],
            store: new SaveFailsOnce());

        var failed = await engine.RunAsync(Keyed("hi"));
        var retried = await engine.RunAsync(Keyed("hi"));

        Assert.Equal((RunStatus.Failed, RunStatus.Completed), (failed.Status, retried.Status));
        Assert.Equal(["user: hi", "assistant: ok"], await Stored(good));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2500)]
    public async Task A_session_that_is_seeded_again_after_a_failed_save_has_its_messages_once(int count)
    {
        var history = new InMemoryHistory();
        await using var engine = new TestEngine(ScriptedModel.Saying("ok"), [Plugin(history, "h")], store: new SaveFailsOnce());
        var session = new NewSession("default") { Id = "s", Messages = [.. Enumerable.Range(0, count).Select(i => new ChatMessage(ChatRole.User, $"{i}"))] };

        var refused = await Assert.ThrowsAsync<ProblemException>(async () => await engine.Sessions.CreateAsync(session, default));
        var between = await Stored(history);
        await engine.Sessions.CreateAsync(session, default);

        Assert.Equal((503, "storage-unavailable"), (refused.Status, refused.Type.Slug));
        Assert.Empty(between);
        Assert.Equal(count, (await history.LoadAsync(new HistoryQuery { Session = Key("s"), Limit = 5000 }, default)).Items.Count);
    }

    [Fact]
    public async Task Seeds_that_cannot_be_taken_back_are_named_in_the_answer()
    {
        await using var engine = new TestEngine(ScriptedModel.Saying("ok"), [Plugin(new CannotDelete(), "h")], store: new SaveFailsOnce());

        var refused = await Assert.ThrowsAsync<ProblemException>(async () => await engine.Sessions.CreateAsync(new("default") { Id = "s", Messages = [new(ChatRole.User, "hi")] }, default));

        Assert.Equal(503, refused.Status);
        Assert.Contains("messages may be stored: 'h' could not remove them", refused.Message, StringComparison.Ordinal);
    }

    private static RunCommand Keyed(string text, string hash = "h") => Command("s", text) with { IdempotencyKey = "k", RequestHash = hash };

    private static async Task<List<string>> Stored(InMemoryHistory history, string session = "s")
    {
        var page = await history.LoadAsync(new HistoryQuery { Session = Key(session), Limit = 100, IncludeFailed = true }, default);
        return page.Items.Select(m => $"{m.Message.Role}: {Describe(m.Message)}").ToList();
    }

    private sealed class FailsOnce : IHistoryProvider
    {
        private bool _failed;

        public ValueTask<Page<HistoryMessage>> LoadAsync(HistoryQuery query, CancellationToken cancellationToken) => new(new Page<HistoryMessage> { Items = [], HasMore = false });

        public ValueTask AppendAsync(HistoryAppend append, CancellationToken cancellationToken)
        {
            if (_failed) return default;
            _failed = true;
            throw new IOException("disk full");
        }

        public ValueTask<int> DeleteAsync(HistoryDeletion deletion, CancellationToken cancellationToken) => new(0);
    }

    private sealed class CannotDelete : IHistoryProvider
    {
        public List<HistoryMessage> Stored { get; } = [];

        public ValueTask<Page<HistoryMessage>> LoadAsync(HistoryQuery query, CancellationToken cancellationToken) => new(new Page<HistoryMessage> { Items = [], HasMore = false });

        public ValueTask AppendAsync(HistoryAppend append, CancellationToken cancellationToken)
        {
            Stored.AddRange(append.Messages);
            return default;
        }

        public ValueTask<int> DeleteAsync(HistoryDeletion deletion, CancellationToken cancellationToken) =>
            throw new StorageException("The disk is full.");
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
