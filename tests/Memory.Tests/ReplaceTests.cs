using System.Diagnostics.Metrics;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.Time.Testing;

namespace PluginHost.Memory.Tests;

/// <summary>A fact that replaces another, and what is kept of where facts come from.</summary>
public sealed class ReplaceTests
{
    private static readonly StateKey<JsonElement> Stored = new("facts", (JsonTypeInfo<JsonElement>)JsonSerializerOptions.Default.GetTypeInfo(typeof(JsonElement)));

    public static TheoryData<Scope> Scopes => [Scope.Session, Scope.User];

    [Theory]
    [MemberData(nameof(Scopes))]
    public async Task A_replaced_fact_is_not_shown_again_and_is_kept_with_its_provenance(Scope scope)
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 11, 29, 12, 0, 0, TimeSpan.Zero));
        await using var host = new Host(new MemoryOptions(Scope: scope), clock: clock);
        await host.RememberAsync("Lives in Rome.", "ada");
        clock.Advance(TimeSpan.FromMinutes(1));

        var run = await host.ProvideAsync("ada");
        var result = await Host.CallAsync(run, "remember", "Lives in Paris.", replaces: 1);

        Assert.Equal("Remembered as fact 2, which replaces fact 1.", result);
        var shown = (await host.ProvideAsync("ada")).Instructions!;
        Assert.EndsWith("\n2: Lives in Paris.", shown, StringComparison.Ordinal);
        Assert.DoesNotContain("Rome", shown, StringComparison.Ordinal);
        var fact = await FactAsync(host, scope);
        Assert.Equal("s run_2 2026-11-29T12:01:00", Describe(fact.GetProperty("from")));
        var earlier = Assert.Single(fact.GetProperty("earlier").EnumerateArray());
        Assert.Equal((1, "Lives in Rome."), (earlier.GetProperty("id").GetInt32(), earlier.GetProperty("text").GetString()));
        Assert.Equal("s run_1 2026-11-29T12:00:00", Describe(earlier.GetProperty("from")));
    }

    [Theory]
    [InlineData("1", 1)]
    [InlineData("#1", 1)]
    [InlineData(0, 2)]
    [InlineData("", 2)]
    public async Task A_number_may_be_written_as_models_write_it_or_left_out(object replaces, int count)
    {
        await using var host = new Host(new MemoryOptions(Scope: Scope.User));
        await host.RememberAsync("Lives in Rome.", "ada");

        await host.RememberAsync("Lives in Paris.", "ada", replaces: replaces);

        var facts = await host.FactsAsync("ada");
        Assert.Equal((count, "2: Lives in Paris."), (facts.Count, facts[^1]));
    }

    [Theory]
    [InlineData(7)]
    [InlineData("Rome")]
    public async Task A_number_of_no_fact_remembers_nothing_and_the_result_lists_the_facts(object replaces)
    {
        await using var host = new Host(new MemoryOptions(Scope: Scope.User));
        await host.RememberAsync("Lives in Rome.", "ada");

        var result = await host.RememberAsync("Lives in Paris.", "ada", replaces: replaces);

        Assert.Equal($"There is no fact '{replaces}'. Nothing was remembered. The remembered facts are: 1: Lives in Rome.", result);
        Assert.Equal(["1: Lives in Rome."], await host.FactsAsync("ada"));
    }

    [Fact]
    public async Task A_call_that_is_made_again_changes_nothing()
    {
        await using var host = new Host(new MemoryOptions(Scope: Scope.User));
        await host.RememberAsync("Lives in Rome.", "ada");
        await host.RememberAsync("Lives in Paris.", "ada", replaces: 1);

        Assert.Equal("Already remembered as fact 2.", await host.RememberAsync("lives in  PARIS.", "ada", replaces: 1));
        Assert.Equal("Already remembered as fact 2.", await host.RememberAsync("Lives in Paris.", "ada", replaces: 2));
        Assert.Equal(["2: Lives in Paris."], await host.FactsAsync("ada"));
        Assert.All((await host.ProvideAsync("ada")).Tools, t => Assert.Equal(true, t.AdditionalProperties[RepeatableToolAttribute.Property]));
    }

    [Fact]
    public async Task Changes_are_counted()
    {
        await using var host = new Host(new MemoryOptions(MaxFacts: 2, Scope: Scope.User));
        var changes = new List<string>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, l) =>
            {
                if (instrument.Meter == host.Context.Meter) l.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, count, tags, _) => changes.Add($"{instrument.Name} {string.Join(' ', tags.ToArray().Select(t => t.Value))} {count}"));
        listener.Start();
        await host.RememberAsync("one", "ada");
        await host.RememberAsync("one", "ada");
        await host.RememberAsync("two", "ada", replaces: 1);
        await Host.CallAsync(await host.ProvideAsync("ada"), "forget", "two");

        Assert.Equal(
            ["pluginhost.memory.changes remembered User 1", "pluginhost.memory.changes remembered User 1", "pluginhost.memory.changes removed User 1", "pluginhost.memory.changes removed User 1"],
            changes);
    }

    [Fact]
    public async Task A_fact_that_becomes_equal_to_another_joins_it()
    {
        await using var host = new Host(new MemoryOptions(Scope: Scope.User));
        await host.RememberAsync("Lives in Paris.", "ada");
        await host.RememberAsync("Lives in Rome.", "ada");

        Assert.Equal("Already remembered as fact 1, which now replaces fact 2.", await host.RememberAsync("Lives in Paris.", "ada", replaces: 2));

        Assert.Equal(["1: Lives in Paris."], await host.FactsAsync("ada"));
        Assert.Equal("Lives in Rome.", (await FactAsync(host, Scope.User)).GetProperty("earlier")[0].GetProperty("text").GetString());
    }

    [Fact]
    public async Task A_forgotten_fact_takes_what_it_replaced_with_it()
    {
        await using var host = new Host(new MemoryOptions(Scope: Scope.User));
        await host.RememberAsync("Lives in Rome.", "ada");
        await host.RememberAsync("Lives in Paris.", "ada", replaces: 1);
        await host.RememberAsync("Lives in Oslo.", "ada", replaces: 2);
        Assert.Equal(2, (await FactAsync(host, Scope.User)).GetProperty("earlier").GetArrayLength());

        await Host.CallAsync(await host.ProvideAsync("ada"), "forget", 3);
        await host.RememberAsync("Likes tea.", "ada");

        Assert.False((await FactAsync(host, Scope.User)).TryGetProperty("earlier", out _));
    }

    [Theory]
    [MemberData(nameof(Scopes))]
    public async Task The_history_of_all_facts_is_bounded(Scope scope)
    {
        await using var host = new Host(new MemoryOptions(MaxChars: 100, Scope: scope));
        var run = await host.ProvideAsync("ada");
        for (var i = 0; i < 30; i++) await Host.CallAsync(run, "remember", $"Lives in house number {100 + i}.", i == 0 ? null : i);

        var earlier = (await FactAsync(host, scope)).GetProperty("earlier").EnumerateArray().Select(e => e.GetProperty("text").GetString()!).ToList();

        Assert.InRange(earlier.Sum(e => e.Length), 50, 100);
        Assert.Equal("Lives in house number 128.", earlier[^1]);
    }

    [Fact]
    public async Task Facts_of_a_session_from_before_this_version_are_read_and_replaced()
    {
        await using var host = new Host(new MemoryOptions());
        host.Context.GetState(host.SessionOf(new SessionKey("t", "s"))).Set(
            Stored,
            JsonElement.Parse("""{ "nextId": 3, "items": [ { "id": 2, "text": "Lives in Rome." } ] }"""));

        Assert.Equal(["2: Lives in Rome."], await host.FactsAsync());
        Assert.Equal("Remembered as fact 3, which replaces fact 2.", await host.RememberAsync("Lives in Paris.", replaces: 2));

        var earlier = (await FactAsync(host, Scope.Session)).GetProperty("earlier")[0];
        Assert.Equal("Lives in Rome.", earlier.GetProperty("text").GetString());
        Assert.False(earlier.TryGetProperty("from", out _));
    }

    private static string Describe(JsonElement from) =>
        $"{from.GetProperty("session")} {from.GetProperty("run")} {from.GetProperty("time").GetDateTimeOffset():s}";

    /// <summary>The only fact, as an operator sees it.</summary>
    private static async Task<JsonElement> FactAsync(Host host, Scope scope)
    {
        if (scope == Scope.User) return Assert.Single(await host.Plugin.ReadUserDataAsync(new UserKey("t", "ada"), default)).GetProperty("fact");
        Assert.True(host.Context.GetState(host.SessionOf(new SessionKey("t", "s"))).TryGet(Stored, out var facts));
        return Assert.Single(facts.GetProperty("items").EnumerateArray());
    }
}
