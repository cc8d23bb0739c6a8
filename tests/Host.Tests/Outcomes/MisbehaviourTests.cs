using System.Text.Json.Nodes;

namespace PluginHost.Tests.Outcomes;

/// <summary>Plugins that do what they should not, each as a separate agent in one host, all at once.</summary>
[Trait("Form", "Long")]
public sealed class MisbehaviourTests
{
    private const string Well = "completed";
    private const string Named = "completed without it";
    private const string Broken = "plugin_error";
    private const string Late = "plugin_timeout";

    // Kind, what it does, OnError, how its run ends.
    private static readonly (string Kind, string Does, string OnError, string Ends)[] Cases =
    [
        ("context", "Throws", "skip", Named),
        ("context", "Throws", "fail", Broken),
        ("context", "NeverReturns", "skip", Named),
        ("context", "NeverReturns", "fail", Late),
        ("context", "ReturnsNull", "skip", Named),
        ("context", "ReturnsNull", "fail", Broken),
        ("context", "Blocks", "skip", Named),
        ("context", "Blocks", "fail", Late),
        ("context", "ThrowsAfter", "skip", Named),
        ("context", "ThrowsAfter", "fail", Named),
        ("context", "LeavesTask", "skip", Well),
        ("context", "Allocates", "skip", Well),
        ("context", "ChangesLists", "skip", Well),
        ("context", "ChangesMessages", "skip", Well),
        ("middleware", "ThrowsBefore", "skip", Named),
        ("middleware", "ThrowsBefore", "fail", Broken),
        ("middleware", "ThrowsInNext", "fail", Broken),
        ("middleware", "ThrowsAfter", "fail", Named),
        ("middleware", "ThrowsAfter", "skip", Named),
        ("middleware", "ReturnsNull", "fail", Named),
        ("middleware", "CallsNextTwice", "fail", Named),
        ("middleware", "NeverReturns", "skip", Named),
        ("middleware", "NeverReturns", "fail", Late),
        ("middleware", "Blocks", "skip", Named),
        ("middleware", "Blocks", "fail", Late),
        ("middleware", "LeavesTask", "fail", Well),
        ("middleware", "Allocates", "fail", Well),
        ("middleware", "ChangesLists", "fail", Well),
        ("middleware", "ChangesMessages", "fail", Well),
        ("chat", "Throws", "skip", Named),
        ("chat", "Throws", "fail", Broken),
        ("chat", "ThrowsAfter", "fail", Broken),
        ("chat", "ReturnsNull", "skip", Named),
        ("chat", "ReturnsNull", "fail", Broken),
        ("chat", "NeverReturns", "skip", Named),
        ("chat", "NeverReturns", "fail", Late),
        ("chat", "Blocks", "skip", Named),
        ("chat", "Blocks", "fail", Late),
        ("chat", "LeavesTask", "fail", Well),
        ("chat", "ChangesLists", "fail", Well),
        ("chat", "ChangesMessages", "fail", Well),
    ];

    public static TheoryData<string> Stores => OutcomeSetup.Stores;

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task A_plugin_that_misbehaves_is_contained_as_configured_and_named(string store)
    {
        using var setup = new OutcomeSetup(store)
        {
            Echo = true,
            Agents = Cases.ToDictionary(Name, c => $$"""{ "Plugin": "misbehaving-{{c.Kind}}", "Host": { "OnError": "{{c.OnError}}", "Timeout": "{{(c.Does is "NeverReturns" or "Blocks" ? "300ms" : "20s")}}" }, "Options": { "Does": "{{c.Does}}" } }"""),
        };
        await using var host = await OutcomeHost.StartAsync(setup);

        // Twice, for what is learnt from the first run must not change the second.
        foreach (var round in new[] { 1, 2 })
        {
            var ends = await Task.WhenAll(Cases.Select(c => EndAsync(host, c, round)));
            Assert.Equal(Cases.Select(c => $"{Name(c)}: {c.Ends}"), ends);
        }
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task A_plugin_that_begins_to_block_later_harms_the_one_run_and_is_timed_out_from_then_on(string store)
    {
        using var setup = new OutcomeSetup(store)
        {
            Echo = true,
            Before = """{ "Plugin": "misbehaving-context", "Host": { "Timeout": "300ms" }, "Options": { "Does": "Blocks", "After": 3 } }""",
        };
        await using var host = await OutcomeHost.StartAsync(setup);
        for (var i = 0; i < 3; i++) Assert.Equal("completed", (await host.RunAsync("s", "hi")).Run("status"));

        _ = host.RunAsync("victim", "hi");
        await host.Log.WaitForAsync("has blocked its thread");

        var run = await host.RunAsync("s", "hi");
        Assert.Equal(("completed", "misbehaving-context"), (run.Run("status"), run.Json.GetProperty("skipped")[0].GetString()));
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task A_plugin_that_changes_messages_in_place_changes_neither_answers_nor_what_is_stored(string store)
    {
        using var setup = new OutcomeSetup(store)
        {
            Echo = true,
            Before = """{ "Plugin": "misbehaving-middleware", "Options": { "Does": "ChangesMessages" } }, { "Plugin": "misbehaving-context", "Options": { "Does": "ChangesMessages" } }""",
            Behind = """{ "Plugin": "misbehaving-middleware", "Name": "behind", "Options": { "Does": "ChangesMessages" } }""",
        };
        await using var host = await OutcomeHost.StartAsync(setup);
        string[] expected =
        [
            "user: one", "assistant: Echo: one (0 earlier messages)", "user: two", "assistant: Echo: two (2 earlier messages)",
        ];

        await host.PostAsync("/v1/sessions", new JsonObject { ["id"] = "s", ["metadata"] = new JsonObject { ["a"] = "b" } });
        var first = await host.RunAsync("s", "one");
        var again = await host.GetAsync($"/v1/sessions/s/runs/{first.Run("id")}");
        var transcript = new JsonArray(Message("user", "one"), Message("assistant", first.Run("text")), Message("user", "two"));
        var second = await host.RunAsync("s", transcript);

        Assert.Equal(expected[1], $"assistant: {first.Run("text")}");
        Assert.Equal(first.Run("text"), again.Run("text"));
        Assert.Equal(expected[3], $"assistant: {second.Run("text")}");
        Assert.Equal(expected, await host.StoredAsync("s"));
        Assert.Equal("b", (await host.GetAsync("/v1/sessions/s")).Json.GetProperty("metadata").GetProperty("a").GetString());
    }

    private static JsonObject Message(string role, string text) => new() { ["role"] = role, ["content"] = text };

    private static string Name((string Kind, string Does, string OnError, string Ends) c) => $"{c.Kind}-{c.Does}-{c.OnError}";

    private static async Task<string> EndAsync(OutcomeHost host, (string Kind, string Does, string OnError, string Ends) c, int round)
    {
        var name = Name(c);
        var answer = await host.PostAsync(
            $"/v1/sessions/{name}/runs",
            new JsonObject { ["agent"] = name, ["input"] = "hi", ["metadata"] = new JsonObject { ["a"] = "b" } });
        if (answer.Status != 200) return $"{name}: {answer.Json.GetProperty("error_type")}";
        var stored = await host.StoredAsync(name);
        var seen = stored.Count - 2;
        Assert.Equal($"Echo: hi ({seen} earlier messages)", answer.Run("text"));
        Assert.Equal(["user: hi", $"assistant: {answer.Run("text")}"], stored.TakeLast(2));
        Assert.Equal("b", answer.Json.GetProperty("metadata").GetProperty("a").GetString());
        Assert.Equal(2 * round, seen + 2);
        return $"{name}: {answer.Run("status")}{(answer.Json.GetProperty("skipped").GetArrayLength() > 0 ? " without it" : "")}";
    }
}
