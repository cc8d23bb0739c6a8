using System.Text.Json.Nodes;
using PluginHost.Engine.Sessions.Admin;
using PluginHost.ModelServer;
using PluginHost.ModelServer.Dialects;
using PluginHost.Sdk;
using PluginHost.Tests.Wire;

namespace PluginHost.Tests.Outcomes;

/// <summary>Messages that the model gets although newer ones are left out: those that a caller pins, and the first one of a session when configured.</summary>
public sealed class KeptMessageTests
{
    private const string Pinned = "My boat is called Petrel.", Opener = "Answer like a sailor.", Middle = "This is long ago.";

    public static TheoryData<string> Stores => OutcomeSetup.Stores;

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task A_message_that_a_caller_pins_reaches_the_model_when_those_around_it_do_not(string store)
    {
        using var setup = Create(store, keepsOpener: false);
        await using var host = await StartAsync(setup);
        await host.RunAsync("s", Opener);
        await host.RunAsync("s", new JsonArray(Message(Pinned, isPinned: true)));
        await host.RunAsync("s", Middle);
        await FillAsync(host, "s");

        var sent = host.Sent(host.Model.Requests.Count - 1);

        Assert.Contains($"user: {Pinned}", sent);
        Assert.DoesNotContain($"user: {Opener}", sent);
        Assert.DoesNotContain($"user: {Middle}", sent);
        var listed = (await host.GetAsync("/v1/sessions/s/messages?limit=100")).Json.GetProperty("data").EnumerateArray().ToList();
        Assert.Equal(Pinned, Assert.Single(listed, m => m.TryGetProperty("pinned", out var pinned) && pinned.GetBoolean()).GetProperty("content")[0].GetProperty("text").GetString());
        Assert.Contains($"user: {Middle}", await host.StoredAsync("s"));
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task What_a_conversation_was_compacted_to_reaches_the_model_however_many_messages_follow(string store)
    {
        await using var server = await WireServer.StartAsync(new Summarising());
        using var setup = new OutcomeSetup(store) { HistoryHost = "\"Window\": 4" };
        await using var host = await OutcomeHost.StartAsync(setup, server);
        var response = await host.AskAsync("/v1/responses", """{"input":"one"}""");
        foreach (var number in (int[])[1, 2])
        {
            response = await host.AskAsync("/v1/responses", $$"""{"input":[{"type":"compaction_trigger"}],"previous_response_id":"{{response["id"]}}"}""");
            for (var turn = 0; turn < 4; turn++)
                response = await host.AskAsync("/v1/responses", $$"""{"input":"turn {{number}}.{{turn}}","previous_response_id":"{{response["id"]}}"}""");

            var sent = server.Requests[^1].Text;
            Assert.Contains($"summary {number}", sent, StringComparison.Ordinal);
            Assert.DoesNotContain($"summary {3 - number}", sent, StringComparison.Ordinal);
            Assert.Contains($"turn {number}.3", sent, StringComparison.Ordinal);
            Assert.DoesNotContain($"turn {number}.0", sent, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_message_that_is_pinned_when_its_session_is_made_reaches_the_model_too_also_after_export_and_import()
    {
        using var setup = Create("sqlite", keepsOpener: false);
        await using var host = await StartAsync(setup);
        await host.PostAsync("/v1/sessions", new JsonObject { ["id"] = "s", ["messages"] = new JsonArray(Message(Opener, isPinned: false), Message(Pinned, isPinned: true)) });
        var export = JsonNode.Parse((await host.GetAsync("/v1/sessions/s/export?messages=true")).Json.GetRawText())!;
        export["session_id"] = "copy";
        Assert.Equal(201, (await host.PostAsync("/v1/sessions/import", export)).Status);

        foreach (var session in new[] { "s", "copy" })
        {
            await FillAsync(host, session);
            var sent = host.Sent(host.Model.Requests.Count - 1);
            Assert.Contains($"user: {Pinned}", sent);
            Assert.DoesNotContain($"user: {Opener}", sent);
        }
    }

    [Fact]
    public async Task The_first_message_of_a_session_reaches_the_model_when_configured_beside_pinned_ones()
    {
        using var setup = Create("sqlite", keepsOpener: true);
        await using var host = await StartAsync(setup);
        await host.RunAsync("s", Opener);
        await host.RunAsync("s", Middle);
        await host.RunAsync("s", new JsonArray(Message(Pinned, isPinned: true)));
        await FillAsync(host, "s");

        var sent = host.Sent(host.Model.Requests.Count - 1);

        Assert.Equal([$"user: {Opener}", $"user: {Pinned}"], sent.Take(2));
        Assert.DoesNotContain($"user: {Middle}", sent);
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task The_first_message_of_a_session_reaches_the_model_although_it_is_older_than_the_window(string store)
    {
        using var setup = new OutcomeSetup(store) { HistoryHost = "\"KeepOpener\": true, \"Window\": 4" };
        await using var host = await StartAsync(setup);
        await host.RunAsync("s", Opener);
        await host.RunAsync("s", Middle);
        for (var i = 0; i < 4; i++) await host.RunAsync("s", $"turn {i}");

        var sent = host.Sent(host.Model.Requests.Count - 1);

        Assert.Equal($"user: {Opener}", sent[0]);
        Assert.DoesNotContain($"user: {Middle}", sent);
        Assert.Equal(1 + 4 + 1, sent.Count);
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task A_pinned_message_reaches_the_model_although_it_is_older_than_the_window_until_it_is_deleted(string store)
    {
        using var setup = new OutcomeSetup(store) { HistoryHost = "\"Window\": 4" };
        await using var host = await StartAsync(setup);
        await host.RunAsync("s", Opener);
        await host.RunAsync("s", new JsonArray(Message(Pinned, isPinned: true)));
        await host.RunAsync("s", Middle);
        for (var i = 0; i < 4; i++) await host.RunAsync("s", $"turn {i}");

        var sent = host.Sent(host.Model.Requests.Count - 1);

        Assert.Equal($"user: {Pinned}", sent[0]);
        Assert.Equal(1 + 4 + 1, sent.Count);
        var run = (await host.GetAsync("/v1/sessions/s/runs?limit=100")).Json.GetProperty("data").EnumerateArray().Last().GetProperty("id").GetString();
        var explained = (await host.GetAsync($"/v1/sessions/s/runs/{run}/explain")).Json.GetProperty("calls")[0];
        Assert.Equal("loaded", explained.GetProperty("messages")[0].GetProperty("state").GetString());
        Assert.Equal("window", Assert.Single(explained.GetProperty("left_out").EnumerateArray()).GetProperty("reason").GetString());
        var replayed = (await host.PostAsync("/v1/sessions/s/replay")).Json;
        Assert.Equal((0, 7), (replayed.GetProperty("different").GetInt32(), replayed.GetProperty("same").GetInt32()));

        var listed = (await host.GetAsync("/v1/sessions/s/messages?limit=100")).Json.GetProperty("data").EnumerateArray();
        var id = Assert.Single(listed, m => m.TryGetProperty("pinned", out _)).GetProperty("id").GetString()!;
        await host.Services.GetRequiredService<SessionService>().DeleteMessagesAsync(new SessionKey("default", "s"), [id], default);
        await host.RunAsync("s", "last");
        Assert.Equal(4 + 1, host.Sent(host.Model.Requests.Count - 1).Count);
    }

    private static OutcomeSetup Create(string store, bool keepsOpener) =>
        new(store) { Model = """ "Model": "local", "ContextTokens": 1000, "AnswerTokens": 100 """, HistoryHost = keepsOpener ? "\"KeepOpener\": true" : "" };

    /// <summary>A model that does not say how it counts.</summary>
    private static async Task<OutcomeHost> StartAsync(OutcomeSetup setup)
    {
        var host = await OutcomeHost.StartAsync(setup);
        host.Model.Default = new ModelReply { OmitUsage = true };
        return host;
    }

    private static JsonObject Message(string text, bool isPinned) => isPinned
        ? new() { ["role"] = "user", ["content"] = text, ["pinned"] = true }
        : new() { ["role"] = "user", ["content"] = text };

    /// <summary>More than the model takes.</summary>
    private static async Task FillAsync(OutcomeHost host, string session)
    {
        for (var i = 0; i < 12; i++) (await host.RunAsync(session, $"{i} {new string('x', 400)}")).Run("id");
    }
}
