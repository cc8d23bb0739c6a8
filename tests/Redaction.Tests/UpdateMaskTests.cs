using CsCheck;
using Microsoft.Extensions.AI;

namespace PluginHost.Redaction.Tests;

public sealed class UpdateMaskTests
{
    private static readonly ContentMask Contents = new(MaskSetBuilder.Build(new(Patterns: [new("ticket", "TCK-[0-9]{6}", 10)])), toolArguments: false);

    [Fact]
    public async Task Held_text_is_released_before_an_update_without_text()
    {
        var call = new ChatResponseUpdate(ChatRole.Assistant, [new FunctionCallContent("c", "f")]) { MessageId = "m" };

        var updates = await MaskAsync(Text("m", "mail a@b.d"), call, Text("m", "e"));

        Assert.Equal(["mail ", "a@b.d", "<call>", "e"], updates.Select(Describe));
        Assert.Same(call, updates[2]);
        Assert.All(updates, u => Assert.Equal("m", u.MessageId));
    }

    [Theory]
    [InlineData("m2", null, null)]
    [InlineData(null, "tool", null)]
    [InlineData(null, null, "other")]
    public async Task Held_text_is_released_before_a_new_message_as_part_of_the_previous_one(string? id, string? role, string? author)
    {
        var next = new ChatResponseUpdate(role is null ? null : new ChatRole(role), "b.de ") { MessageId = id, AuthorName = author };

        var updates = await MaskAsync(new ChatResponseUpdate(ChatRole.Assistant, "hi a@") { MessageId = "m1", AuthorName = "one", ResponseId = "r" }, next);

        Assert.Equal(["hi ", "a@", "b.de "], updates.Select(Describe));
        Assert.Equal(("m1", "one", "r", ChatRole.Assistant), (updates[1].MessageId, updates[1].AuthorName, updates[1].ResponseId, updates[1].Role));
    }

    [Fact]
    public async Task Held_text_is_released_at_the_end_and_before_the_finish_reason()
    {
        Assert.Equal(["hi ", "bob"], (await MaskAsync(Text("m", "hi bob"))).Select(Describe));

        var alone = await MaskAsync(Text("m", "hi bob"), new ChatResponseUpdate { MessageId = "m", FinishReason = ChatFinishReason.Stop });
        Assert.Equal(["hi ", "bob", ""], alone.Select(Describe));
        Assert.Equal(ChatFinishReason.Stop, alone[2].FinishReason);

        var together = await MaskAsync(Text("m", "hi bo"), new ChatResponseUpdate(ChatRole.Assistant, "b") { MessageId = "m", FinishReason = ChatFinishReason.Stop });
        Assert.Equal(["hi ", "bob"], together.Select(Describe));
    }

    [Fact]
    public async Task An_update_that_has_only_a_raw_representation_loses_it()
    {
        var updates = await MaskAsync(new ChatResponseUpdate(ChatRole.Assistant, []) { RawRepresentation = "a@b.de" });

        Assert.Null(Assert.Single(updates).RawRepresentation);
    }

    [Fact]
    public async Task Usage_in_every_update_does_not_end_a_text()
    {
        var updates = await MaskAsync(
            new ChatResponseUpdate(ChatRole.Assistant, [new TextContent("I am a@"), new UsageContent(new() { InputTokenCount = 1 })]),
            new ChatResponseUpdate(ChatRole.Assistant, [new TextContent("b.de!"), new UsageContent(new() { InputTokenCount = 2 })]));

        Assert.Equal("I am [email]!", string.Concat(updates.Select(u => u.Text)));
        Assert.Equal([1L, 2L], updates.SelectMany(u => u.Contents).OfType<UsageContent>().Select(u => u.Details.InputTokenCount!.Value));
    }

    [Fact]
    public async Task Reasoning_is_masked_as_a_separate_text()
    {
        var updates = await MaskAsync(
            Text("m", "I am a@"),
            new ChatResponseUpdate(ChatRole.Assistant, [new TextReasoningContent("hm, x@")]) { MessageId = "m" },
            new ChatResponseUpdate(ChatRole.Assistant, [new TextReasoningContent("y.de ") { ProtectedData = "p" }]) { MessageId = "m" },
            Text("m", "b.de"));

        var contents = updates.SelectMany(u => u.Contents).ToList();
        Assert.Equal("I am [email]", string.Concat(contents.OfType<TextContent>().Select(t => t.Text)));
        Assert.Equal("hm, [email] ", string.Concat(contents.OfType<TextReasoningContent>().Select(t => t.Text)));
        Assert.Equal("p", contents.OfType<TextReasoningContent>().Single(r => r.ProtectedData is not null).ProtectedData);
    }

    [Fact]
    public async Task Tool_results_are_masked_and_calls_are_not()
    {
        var call = new ChatResponseUpdate(ChatRole.Assistant, [new FunctionCallContent("c", "f", new Dictionary<string, object?> { ["to"] = "a@b.de" })]);
        var result = new ChatResponseUpdate(ChatRole.Tool, [new FunctionResultContent("c", "sent to a@b.de")]);

        var updates = await MaskAsync(call, result);

        Assert.Same(call, updates[0]);
        Assert.Equal("sent to [email]", Assert.IsType<FunctionResultContent>(updates[1].Contents.Single()).Result);
        Assert.Equal("sent to a@b.de", Assert.IsType<FunctionResultContent>(result.Contents.Single()).Result);
    }

    [Fact]
    public async Task Updates_without_matches_pass_unchanged_and_originals_do_not_change()
    {
        var plain = new ChatResponseUpdate(ChatRole.Assistant, "nothing here. ") { RawRepresentation = "raw" };
        var mail = new ChatResponseUpdate(ChatRole.Assistant, "a@b.de ") { RawRepresentation = "raw a@b.de", AdditionalProperties = new() { ["k"] = "v" } };

        var updates = await MaskAsync(plain, mail);

        Assert.Same(plain, updates[0]);
        Assert.Equal("[email] ", updates[1].Text);
        Assert.Null(updates[1].RawRepresentation);
        Assert.Equal("v", updates[1].AdditionalProperties!["k"]);
        Assert.Equal("a@b.de ", mail.Text);
    }

    [Fact]
    public async Task The_first_update_of_a_message_is_sent_even_when_its_text_is_held_back()
    {
        var updates = await MaskAsync(Text("m", "a@"), Text("m", "b."), Text("m", "de "));

        Assert.Equal(["", "[email] "], updates.Select(Describe));
        Assert.Equal("m", updates[0].MessageId);
    }

    [Fact]
    public async Task Citations_are_masked_and_lose_their_regions_when_the_text_changes()
    {
        var text = new TextContent("a@b.de ")
        {
            Annotations = [new CitationAnnotation { Title = "T", Snippet = "of a@b.de", Url = new Uri("http://x/"), AnnotatedRegions = [new TextSpanAnnotatedRegion { StartIndex = 0, EndIndex = 6 }] }],
        };

        var updates = await MaskAsync(new ChatResponseUpdate(ChatRole.Assistant, [text]));

        var citation = Assert.IsType<CitationAnnotation>(Assert.Single(updates.Single().Contents.Single().Annotations!));
        Assert.Equal(("T", "of [email]", "http://x/"), (citation.Title, citation.Snippet, citation.Url!.ToString()));
        Assert.Null(citation.AnnotatedRegions);
    }

    [Fact]
    public void Updates_keep_their_order_and_the_result_does_not_depend_on_how_texts_are_split()
    {
        var pieces = Gen.Select(MaskSamples.Text, Gen.Int[0, 200].Array[0, 8]).Select(t => (t.Item1.Text, t.Item1.Expected, Cuts: t.Item2));
        Gen.Select(pieces, Gen.Bool).Select(t => (t.Item1.Text, t.Item1.Expected, t.Item1.Cuts, Call: t.Item2)).Array[1, 4].Sample(
            messages =>
            {
                var updates = MaskAsync([.. messages.SelectMany((m, i) => Updates($"m{i}", m.Text, m.Cuts, m.Call))]).GetAwaiter().GetResult();
                var expected = string.Join('|', messages.Select(m => m.Expected + (m.Call ? "<call>" : "")));
                var actual = string.Join('|', messages.Select((_, i) => string.Concat(updates.Where(u => u.MessageId == $"m{i}").Select(Describe))));
                return expected == actual && updates.Select(u => u.MessageId).SequenceEqual(updates.Select(u => u.MessageId).Order(StringComparer.Ordinal));
            },
            iter: 1_000);
    }

    private static IEnumerable<ChatResponseUpdate> Updates(string id, string text, int[] cuts, bool call)
    {
        var from = 0;
        foreach (var cut in cuts.Where(c => c <= text.Length).Order().Append(text.Length))
        {
            yield return Text(id, text[from..cut]);
            from = cut;
        }

        if (call) yield return new(ChatRole.Assistant, [new FunctionCallContent("c", "f")]) { MessageId = id };
    }

    private static ChatResponseUpdate Text(string id, string text) => new(ChatRole.Assistant, text) { MessageId = id };

    private static string Describe(ChatResponseUpdate update) => update.Contents.Any(c => c is FunctionCallContent) ? update.Text + "<call>" : update.Text;

    private static async Task<List<ChatResponseUpdate>> MaskAsync(params ChatResponseUpdate[] updates) =>
        await new UpdateMask(Contents).MaskAsync(updates.ToAsyncEnumerable()).ToListAsync();
}
