using Microsoft.Extensions.AI;
using PluginHost.Engine.Messages;
using PluginHost.Engine.Runs.Live;

namespace PluginHost.Tests.Engine.Journal;

public sealed class ResumedOutputTests
{
    private readonly List<ChatResponseUpdate> _delivered = [];

    [Fact]
    public void A_call_that_was_delivered_and_comes_not_again_has_an_answer()
    {
        Resume([Update("a", new FunctionCallContent("1", "act"))], [Update("b", new TextContent("no tool"))]);

        var output = _delivered.ToChatResponse().Messages;
        Assert.Equal("1", output.SelectMany(m => m.Contents).OfType<FunctionResultContent>().Single().CallId);
        Assert.Equal("no tool", output[^1].Text);
    }

    [Fact]
    public void Steps_that_come_again_are_left_out_and_tokens_are_counted_once()
    {
        var steps = new[]
        {
            Update("a", new TextContent("I look. "), new FunctionCallContent("1", "act")),
            Update("a", new UsageContent(new UsageDetails { TotalTokenCount = 5 })),
            new ChatResponseUpdate(ChatRole.Tool, [new FunctionResultContent("1", "acted")]) { MessageId = "t" },
        };

        Resume(steps, [.. steps, Update("b", new TextContent("done")), Update("b", new UsageContent(new UsageDetails { TotalTokenCount = 7 }))]);

        Assert.Equal("done", string.Concat(_delivered.Select(u => u.Text)));
        Assert.Equal(7, _delivered.ToChatResponse().Usage?.TotalTokenCount);
    }

    [Fact]
    public void An_answer_that_is_shorter_than_the_first_one_is_begun_anew()
    {
        Resume([Update("a", new TextContent("Hello wor"))], [Update("a", new TextContent("Hello"))]);

        Assert.True(ResumedMark.Is(_delivered[0]));
        Assert.True(IncompleteMark.Is(_delivered[1].Contents[0]));
        Assert.Equal(("a.2", "Hello"), (_delivered[2].MessageId, _delivered[2].Text));
    }

    [Fact]
    public void A_shorter_message_before_another_one_is_begun_anew_and_both_are_delivered()
    {
        Resume([Update("a", new TextContent("Hello wor"))], [Update("a", new TextContent("Hello")), Update("b", new TextContent("Bye"))]);

        Assert.Equal([("a.2", "Hello"), ("b", "Bye")], _delivered.Skip(2).Select(u => (u.MessageId!, u.Text)));
    }

    [Fact]
    public void An_attempt_that_breaks_off_leaves_what_was_delivered_and_a_gap_before_the_end()
    {
        var resumed = new ResumedOutput([Update("a", new TextContent("Hello wor"))], wasLeft: false, 2, _delivered.Add);

        resumed.Complete(isComplete: false);

        Assert.True(ResumedMark.Is(Assert.Single(_delivered)));
    }

    /// <summary>However both attempts are cut into updates, callers have the text once when it is the same, and never lose any.</summary>
    [Fact]
    public void Any_cuts_of_the_same_output_give_its_text_once()
    {
        var random = new Random(1);
        for (var round = 0; round < 300; round++)
        {
            var text = new string([.. Enumerable.Range(0, 30).Select(_ => (char)random.Next('a', 'd'))]);
            var first = Cut(text[..random.Next(text.Length + 1)], random);
            _delivered.Clear();

            Resume(first, Cut(text, random));

            Assert.Equal(text, string.Concat(first.Concat(_delivered).Select(u => u.Text)));
            Assert.Single(first.Concat(_delivered).ToChatResponse().Messages);
        }
    }

    private static List<ChatResponseUpdate> Cut(string text, Random random)
    {
        var updates = new List<ChatResponseUpdate>();
        for (var at = 0; at < text.Length;)
        {
            var length = random.Next(1, Math.Min(7, text.Length - at + 1));
            updates.Add(Update("m", new TextContent(text.Substring(at, length))));
            at += length;
        }

        return updates;
    }

    private static ChatResponseUpdate Update(string id, params AIContent[] contents) => new(ChatRole.Assistant, contents) { MessageId = id };

    private void Resume(IReadOnlyList<ChatResponseUpdate> before, IReadOnlyList<ChatResponseUpdate> after)
    {
        var resumed = new ResumedOutput(before, wasLeft: false, 2, _delivered.Add);
        foreach (var update in after) resumed.Write(update);
        resumed.Complete(isComplete: true);
    }
}
