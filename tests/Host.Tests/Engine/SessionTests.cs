using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Sessions.Store;
using PluginHost.Sdk;
using static PluginHost.Tests.Engine.TestEngine;

namespace PluginHost.Tests.Engine;

/// <summary>Creating, reading, changing and listing sessions.</summary>
public sealed class SessionTests : IAsyncDisposable
{
    private readonly ScriptedModel _model = ScriptedModel.Saying("hello");
    private readonly TestEngine _engine;

    public SessionTests() => _engine = new TestEngine(_model, [], new SessionsConfiguration { MaxStateBytes = 100 });

    public ValueTask DisposeAsync() => _engine.DisposeAsync();

    [Fact]
    public async Task A_session_begins_with_its_seed_and_its_state()
    {
        var created = await _engine.Sessions.CreateAsync(
            new NewSession("default")
            {
                Id = "s",
                Metadata = new Dictionary<string, string> { ["a"] = "b" },
                State = Json("""{"memory":{"fact":"blue"}}"""),
                Messages = [new(ChatRole.User, "hi"), new(ChatRole.Assistant, "hello")],
            },
            default);

        await _engine.RunAsync("s", "again");

        Assert.Equal(1, created.Version);
        Assert.Equal(["user: hi", "assistant: hello", "user: again"], _model.Sent(0));
        var read = await _engine.Sessions.GetAsync(Key("s"), default);
        Assert.Equal(("b", "blue"), (read.Metadata["a"], read.State["memory"].GetProperty("fact").GetString()));
    }

    [Fact]
    public async Task A_seeded_transcript_that_is_sent_again_is_recognised()
    {
        await _engine.Sessions.CreateAsync(
            new NewSession("default") { Id = "s", Messages = [new(ChatRole.User, "hi"), new(ChatRole.Assistant, "hello")] }, default);

        await _engine.RunAsync(Command("s", "") with { Input = [new(ChatRole.User, "hi"), new(ChatRole.Assistant, "hello"), new(ChatRole.User, "again")] });

        Assert.Equal(4, (await _engine.StoredAsync("s")).Count);
    }

    [Fact]
    public async Task An_id_that_exists_is_a_conflict_and_changes_nothing()
    {
        await _engine.RunAsync("s", "hi");

        var conflict = await Refused(() => _engine.Sessions.CreateAsync(
            new NewSession("default") { Id = "s", Messages = [new(ChatRole.User, "other")] }, default));

        Assert.Equal((409, "session-exists"), (conflict.Status, conflict.Type.Slug));
        Assert.Equal(["user: hi", "assistant: hello"], await _engine.StoredAsync("s"));
    }

    [Fact]
    public async Task A_patch_merges_as_RFC_7396_says()
    {
        await _engine.Sessions.CreateAsync(
            new NewSession("default")
            {
                Id = "s",
                Metadata = new Dictionary<string, string> { ["keep"] = "1", ["drop"] = "2" },
                State = Json("""{"a":{"keep":1,"drop":2,"deep":{"x":1,"y":[1,2]}},"b":{"c":1}}"""),
            },
            default);

        var patched = await _engine.Sessions.PatchAsync(
            Key("s"),
            Json("""{"drop":null,"new":"3"}"""),
            Json("""{"a":{"drop":null,"deep":{"y":[3]},"new":{"gone":null,"z":1}},"b":null}"""),
            ifVersion: 1,
            default);

        Assert.Equal("""{"keep":1,"deep":{"x":1,"y":[3]},"new":{"z":1}}""", patched.State["a"].GetRawText());
        Assert.Equal(["a"], patched.State.Keys);
        Assert.Equal(["keep=1", "new=3"], patched.Metadata.Select(m => $"{m.Key}={m.Value}").Order());
        Assert.Equal(2, (await _engine.Sessions.GetAsync(Key("s"), default)).Version);
    }

    [Theory]
    [InlineData("""{"a":{"x":1}}""", 7, 412)]
    [InlineData("""{"a":5}""", null, 400)]
    [InlineData("""{"a":{"x":"0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"}}""", null, 413)]
    public async Task A_patch_that_is_not_allowed_changes_nothing(string state, int? version, int status)
    {
        await _engine.RunAsync("s", "hi");

        var refused = await Refused(() => _engine.Sessions.PatchAsync(Key("s"), Json("""{"m":"1"}"""), Json(state), version, default));

        Assert.Equal(status, refused.Status);
        var read = await _engine.Sessions.GetAsync(Key("s"), default);
        Assert.Equal((1, 0, 0), (read.Version, read.State.Count, read.Metadata.Count));
    }

    [Fact]
    public async Task A_patch_waits_for_the_run_and_neither_undoes_the_other()
    {
        var hanging = new Hanging();
        var tool = AIFunctionFactory.Create(
            (AIFunctionArguments arguments) => arguments.GetState().Set(new StateKey<int>("count"), 1), "count");
        var model = new ScriptedModel(_ => ScriptedModel.CallTools(("1", "count")), _ => WaitThenSay(hanging));
        await using var engine = new TestEngine(
            model, [Plugin(new Probe.Context(_ => new() { Tools = [tool] }), "counter")], new SessionsConfiguration { Busy = BusyPolicy.Reject });
        await engine.Sessions.CreateAsync(new NewSession("default") { Id = "s" }, default);
        var running = engine.RunAsync("s", "hi");
        await hanging.Entered;

        var patching = engine.Sessions.PatchAsync(Key("s"), null, Json("""{"other":{"x":1}}"""), null, default).AsTask();
        Assert.False(patching.IsCompleted);
        hanging.LetGo();
        await running;

        Assert.Equal(["counter", "other"], (await patching).State.Keys.Order());
    }

    [Fact]
    public async Task A_history_that_hangs_or_breaks_outside_a_run_is_reported_as_unavailable()
    {
        await using var engine = new TestEngine(_model, [Plugin(new Probe.History(loadError: new IOException("disk")), "h", e => e with { OnError = OnError.Skip })]);
        await engine.RunAsync("s", "hi");

        var refused = await Refused(() => engine.Sessions.ListMessagesAsync(new HistoryQuery { Session = Key("s"), Limit = 2 }, default));

        Assert.Equal((503, "storage-unavailable"), (refused.Status, refused.Type.Slug));
    }

    private static JsonObject Json(string json) => JsonNode.Parse(json)!.AsObject();

    private static Task<ProblemException> Refused<T>(Func<ValueTask<T>> call) => Assert.ThrowsAsync<ProblemException>(async () => await call());

    private static async IAsyncEnumerable<ChatResponseUpdate> WaitThenSay(Hanging hanging)
    {
        await hanging.ForeverAsync();
        yield return new(ChatRole.Assistant, "ok");
    }
}
