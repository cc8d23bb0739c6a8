using PluginHost.WebConsole.Views;

namespace PluginHost.WebConsole.Tests;

/// <summary>Which words of a message were changed.</summary>
public sealed class TextDifferenceTests
{
    [Theory]
    [InlineData("My mail is ada@example.com today.", "My mail is [email] today.", "My mail is -ada@example.com-+[email]+ today.")]
    [InlineData("a@b.example or c@d.example", "[email] or [email]", "-a@b.example-+[email]+ or -c@d.example-+[email]+")]
    [InlineData("", "x", "+x+")]
    [InlineData("a a", "a", "a- a-")]
    [InlineData("a\nb", "a\n\nb", "a-\n-+\n\n+b")]
    public void Words_that_differ_are_marked(string before, string after, string marked) =>
        Assert.Equal(marked, string.Concat(TextDifference.Find(before, after)!.Select(Mark)));

    [Fact]
    public void Equal_texts_have_no_difference() => Assert.Null(TextDifference.Find("same", "same"));

    [Fact]
    public void Many_words_are_shown_as_changed_without_being_compared_one_by_one()
    {
        var (old, now) = (string.Join(' ', Enumerable.Range(0, 1000)), string.Join(' ', Enumerable.Range(1000, 1000)));
        Assert.Equal([new($"{old}", TextChange.Removed), new($"{now}", TextChange.Added)], TextDifference.Find(old, now));
    }

    private static string Mark(TextPiece piece) => piece.Change switch
    {
        TextChange.Removed => $"-{piece.Text}-",
        TextChange.Added => $"+{piece.Text}+",
        _ => piece.Text,
    };
}
