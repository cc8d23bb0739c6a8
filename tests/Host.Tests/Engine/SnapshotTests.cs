using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Plugins;
using PluginHost.Sdk;
using static PluginHost.Tests.Engine.TestEngine;

namespace PluginHost.Tests.Engine;

/// <summary>A session moves to another host as a document.</summary>
public sealed class SnapshotTests
{
    [Fact]
    public async Task A_session_continues_on_another_host_unchanged()
    {
        var model = new ScriptedModel(_ => ScriptedModel.CallTools(("1", "count")), _ => ScriptedModel.Say("done"));
        await using var first = new TestEngine(model, [Counter()]);
        var run = await first.RunAsync("s", "count");
        await first.Sessions.PatchAsync(Key("s"), Json("""{"who":"me"}"""), null, null, default);
        var exported = (await first.Sessions.ExportAsync(Key("s"), messages: true, default)).ToJsonString();
        var otherModel = new ScriptedModel(_ => ScriptedModel.CallTools(("1", "count")), _ => ScriptedModel.Say("done"));
        await using var second = new TestEngine(otherModel, [Counter()]);

        await second.Sessions.ImportAsync("default", Json(exported), default);
        var again = await second.Sessions.ExportAsync(Key("s"), messages: true, default);
        var stored = await second.StoredAsync("s");
        await second.RunAsync(Command("s", "") with { Input = [new(ChatRole.User, "count"), .. run.Output, new(ChatRole.User, "more")] });

        Assert.Equal(exported, again.ToJsonString());
        Assert.Equal(["user: count", "assistant: <count>", "tool: [1]", "assistant: done"], stored);
        Assert.Contains("tool: [2]", otherModel.Sent(1));
        Assert.Equal("me", (await second.Sessions.GetAsync(Key("s"), default)).Metadata["who"]);
    }

    [Fact]
    public async Task The_document_has_the_promised_members_and_no_messages_unless_asked()
    {
        await using var engine = new TestEngine(ScriptedModel.Saying("ok"), []);
        await engine.RunAsync("s", "hi");

        var document = await engine.Sessions.ExportAsync(Key("s"), messages: false, default);

        Assert.Equal("""{"type":"session","version":1,"session_id":"s","service_session_id":null,"state":{}}""", document.ToJsonString());
    }

    [Fact]
    public async Task Members_that_are_not_known_are_kept_also_through_runs()
    {
        const string document = """{"type":"session","version":1,"session_id":"s","service_session_id":null,"state":{},"x_list":[1,{"a":null}],"x_null":null,"x_text":"t"}""";
        await using var engine = new TestEngine(ScriptedModel.Saying("ok"), []);

        await engine.Sessions.ImportAsync("default", Json(document), default);
        await engine.RunAsync("s", "hi");
        var exported = await engine.Sessions.ExportAsync(Key("s"), messages: false, default);

        Assert.Equal(Json(document).ToJsonString(), exported.ToJsonString());
    }

    [Theory]
    [InlineData("""{}""", "type", "version", "session_id")]
    [InlineData("""{"type":"session","version":2,"session_id":"s"}""", "version")]
    [InlineData("""{"type":"session","version":"1","session_id":"s"}""", "version")]
    [InlineData("""{"type":"thing","version":1.5,"session_id":"a/b","service_session_id":5}""", "type", "version", "session_id", "service_session_id")]
    [InlineData("""{"type":"session","version":1,"session_id":"s","state":{"a":1,"b":{}},"metadata":{"m":2}}""", "state.a", "metadata.m")]
    [InlineData("""{"type":"session","version":1,"session_id":"s","state":[],"metadata":"m","messages":{}}""", "state", "metadata", "messages")]
    [InlineData(
        """{"type":"session","version":1,"session_id":"s","messages":[5,{"id":"a","part":"1","message":{"role":"user"}},{"id":"b","part":"input"},{"id":"c","part":"input","message":{"role":{}}}]}""",
        "messages[0].id", "messages[0].part", "messages[0].message", "messages[1].part", "messages[2].message", "messages[3].message")]
    [InlineData(
        """{"type":"session","version":1,"session_id":"s","messages":[{"id":"a","part":"input","message":{"role":"user"}},{"id":"a","part":"input","message":{"role":"user"}}]}""",
        "messages")]
    public async Task A_broken_document_is_refused_with_all_that_is_wrong_and_nothing_is_changed(string document, params string[] paths)
    {
        await using var engine = new TestEngine(ScriptedModel.Saying("ok"), []);

        var refused = await Assert.ThrowsAsync<ProblemException>(async () => await engine.Sessions.ImportAsync("default", Json(document), default));

        Assert.Equal(400, refused.Status);
        Assert.Equal(paths, refused.Errors.Select(e => e.Path));
        Assert.All(refused.Errors, e => Assert.NotNull(e.Allowed));
        Assert.Empty((await engine.Sessions.ListAsync(new SessionQuery { Tenant = "default" }, default)).Items);
        Assert.Empty(await engine.StoredAsync("s"));
    }

    [Fact]
    public async Task An_import_over_a_session_that_exists_is_a_conflict_and_changes_nothing()
    {
        await using var engine = new TestEngine(ScriptedModel.Saying("ok"), []);
        await engine.RunAsync("s", "hi");
        var exported = await engine.Sessions.ExportAsync(Key("s"), messages: true, default);
        await engine.RunAsync("s", "more");

        var refused = await Assert.ThrowsAsync<ProblemException>(async () => await engine.Sessions.ImportAsync("default", exported, default));

        Assert.Equal("session-exists", refused.Type.Slug);
        Assert.Equal(4, (await engine.StoredAsync("s")).Count);
    }

    private static JsonObject Json(string json) => JsonNode.Parse(json)!.AsObject();

    private static PluginInstance Counter() => Plugin(
        new Probe.Context(_ => new()
        {
            Tools = [AIFunctionFactory.Create((AIFunctionArguments arguments) => arguments.GetState().Update(new StateKey<int>("count"), n => n + 1), "count")],
        }),
        "counter");
}
