using System.Text.Json.Nodes;
using PluginHost.Tests.Outcomes;

namespace PluginHost.Tests.Wire;

/// <summary>Clients that cut a long transcript send its end again and again; the session has each turn once.</summary>
public sealed class WindowTests
{
    public static TheoryData<string> Stores => OutcomeSetup.Stores;

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task A_sliding_window_is_stored_once(string store)
    {
        using var setup = new OutcomeSetup(store) { Echo = true };
        await using var host = await OutcomeHost.StartAsync(setup);
        var all = new List<JsonObject>();
        for (var turn = 0; turn < 12; turn++)
        {
            all.Add(Message("user", $"turn {turn}"));
            var answer = (await host.RunAsync("s", new JsonArray([.. all.TakeLast(5).Select(m => m.DeepClone())]))).Run("text");
            // Clients trim what they keep.
            all.Add(Message("assistant", $"  {answer}\n"));
        }

        Assert.Equal(24, (await host.StoredAsync("s")).Count);
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task A_window_with_a_hole_is_refused_and_one_of_another_conversation_is_new(string store)
    {
        using var setup = new OutcomeSetup(store) { Echo = true };
        await using var host = await OutcomeHost.StartAsync(setup);
        foreach (var turn in (string[])["one", "two", "three"]) await host.RunAsync("s", turn);

        var hole = await host.RunAsync("s", new JsonArray(Message("assistant", "Echo: two (2 earlier messages)"), Message("user", "more")));
        var other = await host.RunAsync("s", new JsonArray(Message("user", "else"), Message("assistant", "something"), Message("user", "more")));

        hole.IsProblem(409, "transcript-diverged");
        Assert.Equal(200, other.Status);
        Assert.Equal(10, (await host.StoredAsync("s")).Count);
    }

    [Fact]
    public async Task White_space_around_what_was_said_makes_no_difference()
    {
        using var setup = new OutcomeSetup("sqlite") { Echo = true };
        await using var host = await OutcomeHost.StartAsync(setup);
        var answer = (await host.RunAsync("s", new JsonArray(Message("user", " hi \n")))).Run("text");

        await host.RunAsync("s", new JsonArray(Message("user", "hi"), Message("assistant", $"{answer}\n\n"), Message("user", "more")));

        Assert.Equal(4, (await host.StoredAsync("s")).Count);
    }

    private static JsonObject Message(string role, string text) => new() { ["role"] = role, ["content"] = text };
}
