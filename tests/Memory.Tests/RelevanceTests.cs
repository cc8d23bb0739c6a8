namespace PluginHost.Memory.Tests;

/// <summary>Which facts a run gets when not all fit.</summary>
public sealed class RelevanceTests
{
    private static readonly MemoryOptions Small = new(MaxFacts: 200, MaxChars: 200, Scope: Scope.User);

    [Fact]
    public async Task An_old_fact_that_the_input_is_about_comes_with_the_newest_ones()
    {
        await using var host = await FilledAsync(Small);

        // Of these words, only the stem of the last one is in the fact.
        var facts = await host.FactsAsync("ada", input: "Is there a menu for allergies?");

        Assert.Equal("1: Has an allergy to hazelnuts and walnut.", facts[0]);
        Assert.Equal("101: Note number 200 about the garden.", facts[^1]);
        Assert.InRange(facts.Sum(f => f.Length - f.IndexOf(' ') - 1), 100, 200);
    }

    [Fact]
    public async Task The_model_learns_that_there_are_more()
    {
        await using var host = await FilledAsync(Small);

        var run = await host.ProvideAsync("ada", input: "hi");

        Assert.Contains(" of 101, which fit the input best or are newest.", run.Instructions, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_match_the_newest_facts_come()
    {
        await using var host = await FilledAsync(Small);

        foreach (var input in new[] { "", "???", "\" OR owner : \"2", "xyzzy NEAR(tea) *", new string('x', 1_000_000) })
        {
            var facts = await host.FactsAsync("ada", input: input);
            Assert.Equal(Enumerable.Range(101 - facts.Count + 1, facts.Count), facts.Select(f => int.Parse(f.Split(':')[0], null)));
        }
    }

    [Fact]
    public async Task A_query_cannot_reach_facts_of_others()
    {
        await using var host = await FilledAsync(Small);
        await host.RememberAsync("Has an allergy to peanuts.", "bob");

        foreach (var input in new[] { "allergy peanuts", "owner 2", "\" OR \"peanuts", "2 peanuts) OR (owner : 2" })
            Assert.DoesNotContain((await host.ProvideAsync("ada", input: input)).Instructions!.Split('\n'), l => l.Contains("peanuts", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Replaced_and_forgotten_facts_are_not_found()
    {
        await using var host = await FilledAsync(Small);
        await host.RememberAsync("Has an allergy to milk.", "ada", replaces: 1);

        var facts = await host.FactsAsync("ada", input: "allergy hazelnuts");

        Assert.DoesNotContain(facts, f => f.Contains("hazelnuts", StringComparison.Ordinal));
        Assert.Contains("102: Has an allergy to milk.", facts);
    }

    [Fact]
    public async Task A_letter_that_is_written_as_two_characters_is_the_same()
    {
        const string fact = "Her r\u00e9sum\u00e9 is ready.";
        await using var host = await FilledAsync(Small, fact);

        Assert.Equal($"1: {fact}", (await host.FactsAsync("ada", input: "Re\u0301sume\u0301?"))[0]);
    }

    private static async Task<Host> FilledAsync(MemoryOptions options, string oldest = "Has an allergy to hazelnuts and walnut.")
    {
        var host = new Host(options);
        await host.RememberAsync(oldest, "ada");
        var run = await host.ProvideAsync("ada");
        for (var i = 101; i <= 200; i++) await Host.CallAsync(run, "remember", $"Note number {i} about the garden.");
        return host;
    }
}
