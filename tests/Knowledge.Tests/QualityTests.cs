using PluginHost.ModelServer.Embeddings;
using Xunit.Abstractions;

namespace PluginHost.Knowledge.Tests;

/// <summary>
/// How often the right document is among the first five, on texts that this test brings along. docs/plugins/knowledge.md states the figures. The server of
/// embeddings knows some words of one meaning, so its figure shows that both rankings are joined well, not how good a model is.
/// </summary>
public sealed class QualityTests(ITestOutputHelper output)
{
    private static readonly string[] Meanings =
    [
        "car automobile vehicle", "buy purchase acquire", "doctor physician medic", "illness disease sickness", "holiday vacation leave", "salary wage pay",
        "begin start commence", "repair fix mend", "house home dwelling", "child kid infant", "fast quick rapid", "trash garbage waste", "boss manager supervisor",
        "film movie picture", "ship boat vessel", "forest woods woodland", "money cash funds", "dog hound puppy", "rain shower drizzle", "street road avenue",
    ];

    [Fact]
    public async Task The_right_document_is_among_the_first_five()
    {
        await using var server = await EmbeddingServer.StartAsync(meanings: Meanings);
        var text = await MeasureAsync(new KnowledgeOptions(["documents"]));
        var hybrid = await MeasureAsync(new KnowledgeOptions(["documents"], Embeddings: new EmbeddingsOptions(server.Endpoint, "words")));

        output.WriteLine($"recall@5: full text {text.Same:0.00} with the document's word and {text.Other:0.00} with another one, hybrid {hybrid.Same:0.00} and {hybrid.Other:0.00}");
        Assert.InRange(text.Same, 0.95, 1);
        Assert.InRange(hybrid.Same, 0.95, 1);
        // Chance finds a quarter: five of the twenty documents of a town.
        Assert.InRange(hybrid.Other, 0.90, 1);
        Assert.InRange(text.Other, 0.15, 0.35);
        // The figures that the page states for all questions, of which each half has 60.
        Assert.Equal(0.63, (text.Same + text.Other) / 2, 0.02);
        Assert.Equal(0.99, (hybrid.Same + hybrid.Other) / 2, 0.02);
    }

    /// <summary>A topic of each group of words with each of ten towns: 200 documents, each with facts that no other has in this combination.</summary>
    private static IEnumerable<(string Name, string Text)> Documents() =>
        from topic in Meanings.Select((words, i) => (Words: words.Split(' '), Index: i))
        from town in Towns.Select((name, i) => (Name: name, Index: i))
        select ($"{town.Name}-{topic.Index:00}.md", Sentences(topic.Words[0], town.Name, topic.Index, town.Index));

    private static string[] Towns => ["Aldwick", "Brennholm", "Corvale", "Dunmere", "Eskford", "Farhaven", "Glenrow", "Hartsea", "Ivelton", "Juniper"];

    private static string Sentences(string topic, string town, int topicIndex, int townIndex) =>
        $"""
        # Council of {town}

        ## Rules number {topicIndex}

        The council decided in {1900 + topicIndex + townIndex} how the matter of the {topic} is handled. Inhabitants with a question may come to the office on weekdays.
        Every application is answered within {topicIndex + 5} days, and the fee is {townIndex + 3} crowns. The rules are read aloud each year in the market hall,
        where they may object, and the clerk writes down what they say.
        """;

    /// <summary>Half of the questions have the document's word, half have another word of the same meaning.</summary>
    private static IEnumerable<(string Question, string Name, bool IsSame)> Questions() =>
        from topic in Meanings.Select((words, i) => (Words: words.Split(' '), Index: i))
        from town in Towns.Take(6).Select((name, i) => (Name: name, Index: i))
        let word = topic.Words[town.Index % 2 == 0 ? 0 : 1 + (town.Index / 2 % 2)]
        select ($"What did they decide about the {word} in {town.Name}?", $"{town.Name}-{topic.Index:00}.md", town.Index % 2 == 0);

    private static async Task<(double Same, double Other)> MeasureAsync(KnowledgeOptions options)
    {
        await using var library = new Library(options);
        foreach (var (name, text) in Documents()) library.Write(name, text);
        await library.RefreshAsync();
        var found = new List<(bool IsSame, double Hit)>();
        foreach (var (question, name, isSame) in Questions()) found.Add((isSame, (await library.FindAsync(question)).Any(p => p.Path == name) ? 1 : 0));
        return (found.Where(f => f.IsSame).Average(f => f.Hit), found.Where(f => !f.IsSame).Average(f => f.Hit));
    }
}
