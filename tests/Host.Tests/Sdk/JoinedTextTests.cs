using System.Collections;
using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Sdk;

namespace PluginHost.Tests.Sdk;

/// <summary>What is joined directly is what the library makes of the same updates.</summary>
public sealed class JoinedTextTests
{
    private const int Answers = 5_000;

    [Fact]
    public void Random_answers_are_joined_as_by_the_library()
    {
        var joined = 0;
        for (var seed = 0; seed < Answers; seed++)
        {
            var random = new Random(seed);
            List<ChatResponseUpdate> updates = [.. Enumerable.Range(0, random.Next(5)).Select(_ => Create(random))];
            var expected = updates.ToChatResponse();
            if (JoinedText.TryJoin(updates, 0, updates.Count, out _)) joined++;

            var response = new RunResponse(updates, 0, updates.Count);

            Assert.True(Json(expected.Messages) == Json(response.Messages), $"Seed {seed}: {Json(expected.Messages)} became {Json(response.Messages)}.");
            Assert.Equal(Json(expected.Usage), Json(response.Usage));
            Assert.Equal(expected.FinishReason, response.FinishReason);
        }

        Assert.InRange(joined, Answers / 10, Answers);
    }

    [Fact]
    public void A_text_of_one_piece_stays_the_same_object()
    {
        var text = new TextContent("Hello.") { RawRepresentation = new object() };

        var response = new RunResponse([new ChatResponseUpdate(ChatRole.Assistant, [text])], 0, 1);

        Assert.Same(text, Assert.Single(Assert.Single(response.Messages).Contents));
    }

    [Fact]
    public void An_answer_is_complete_for_a_reader_that_comes_while_it_is_joined()
    {
        var updates = new WatchedUpdates([new ChatResponseUpdate(ChatRole.Assistant, "Hello.") { FinishReason = ChatFinishReason.Stop }]);
        var response = new RunResponse(updates, 0, 1);
        var (found, isReading) = (new List<ChatFinishReason?>(), false);
        updates.OnRead = () =>
        {
            if (isReading) return;
            isReading = true;
            found.Add(response.FinishReason);
            isReading = false;
        };

        found.Add(response.FinishReason);

        Assert.InRange(found.Count, 3, 100);
        Assert.All(found, static f => Assert.Equal("stop", f?.Value));
    }

    private static ChatResponseUpdate Create(Random random) => new()
    {
        Role = Choose<ChatRole?>(random, ChatRole.Assistant, null, ChatRole.Tool),
        MessageId = Choose(random, null, "", "a", "b"),
        AuthorName = Choose(random, null, "Ada"),
        ResponseId = Choose(random, null, "r"),
        CreatedAt = Choose<DateTimeOffset?>(random, null, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddHours(1), DateTimeOffset.UnixEpoch.AddHours(-1), DateTimeOffset.UnixEpoch.AddHours(2)),
        FinishReason = Choose<ChatFinishReason?>(random, null, ChatFinishReason.Stop, ChatFinishReason.Length),
        AdditionalProperties = Choose<AdditionalPropertiesDictionary?>(random, null, new() { ["more"] = 1 }),
        Contents = [.. Enumerable.Range(0, random.Next(4)).Select(_ => CreateContent(random))],
    };

    private static AIContent CreateContent(Random random) => random.Next(20) switch
    {
        < 12 => new TextContent(Choose(random, "a", "", "Grüße ")),
        < 15 => new UsageContent(new UsageDetails { InputTokenCount = random.Next(9), OutputTokenCount = 2, AdditionalCounts = random.Next(2) == 0 ? null : new() { ["more"] = 1 } }),
        15 => new TextReasoningContent("because"),
        16 => new TextContent("b") { AdditionalProperties = new() { ["more"] = 1 } },
        17 => new TextContent("b") { Annotations = [new CitationAnnotation { Title = "c" }] },
        18 => new FunctionCallContent("call", "find"),
        _ => new AIContent(),
    };

    /// <summary>The first one more often than the others.</summary>
    private static T Choose<T>(Random random, params ReadOnlySpan<T> values) => values[Math.Max(0, random.Next(-8, values.Length))];

    private static string Json<T>(T value) => JsonSerializer.Serialize(value, AIJsonUtilities.DefaultOptions);

    /// <summary>Lets another reader come at each look at an update.</summary>
    private sealed class WatchedUpdates(IReadOnlyList<ChatResponseUpdate> updates) : IReadOnlyList<ChatResponseUpdate>
    {
        public Action? OnRead { get; set; }

        public int Count => updates.Count;

        public ChatResponseUpdate this[int index]
        {
            get
            {
                OnRead?.Invoke();
                return updates[index];
            }
        }

        public IEnumerator<ChatResponseUpdate> GetEnumerator() => updates.GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
