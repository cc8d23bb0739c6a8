using PluginHost.Cli.Remote;

namespace PluginHost.Tests.Cli;

/// <summary>What a person types in a chat.</summary>
public sealed class LineEditorTests
{
    private static readonly Dictionary<string, ConsoleKeyInfo> Named = new()
    {
        ["left"] = Key(ConsoleKey.LeftArrow),
        ["right"] = Key(ConsoleKey.RightArrow),
        ["up"] = Key(ConsoleKey.UpArrow),
        ["down"] = Key(ConsoleKey.DownArrow),
        ["home"] = Key(ConsoleKey.Home),
        ["end"] = Key(ConsoleKey.End),
        ["back"] = Key(ConsoleKey.Backspace, '\b'),
        ["delete"] = Key(ConsoleKey.Delete),
        ["escape"] = Key(ConsoleKey.Escape, '\u001b'),
        ["enter"] = Key(ConsoleKey.Enter, '\r'),
        ["F5"] = Key(ConsoleKey.F5),
        ["word left"] = Control(ConsoleKey.LeftArrow),
        ["word right"] = Control(ConsoleKey.RightArrow),
        ["^A"] = Control(ConsoleKey.A),
        ["^D"] = Control(ConsoleKey.D),
        ["^G"] = Control(ConsoleKey.G),
        ["^K"] = Control(ConsoleKey.K),
        ["^U"] = Control(ConsoleKey.U),
        ["^W"] = Control(ConsoleKey.W),
    };

    [Theory]
    [InlineData("hello", "hello")]
    [InlineData("hllo<home><right>e", "hello")]
    [InlineData("helloo<back>", "hello")]
    [InlineData("xhello<home><delete>", "hello")]
    [InlineData("one two<word left>big <word right>!", "one big two!")]
    [InlineData("one two<^W>three", "one three")]
    [InlineData("one two<left><left><left><^K>", "one ")]
    [InlineData("one two<left><left><left><^U>", "two")]
    [InlineData("e\u0301a<left><back>", "a")]
    [InlineData("\ud83d\ude00a<left><left>x", "x\ud83d\ude00a")]
    [InlineData("he<F5><^G>llo<left><left><left><left><left><left>", "hello")]
    public void A_line_is_edited(string keys, string expected) => Assert.Equal([expected], Read(keys + "<enter>"));

    [Fact]
    public void Lines_before_come_back_and_the_one_that_was_begun_too() =>
        Assert.Equal(["one", "two", "one", "two", "begun!"], Read("one<enter>", "two<enter>", "<up><up><enter>", "<up><up><enter>", "begun<up><up><down><down><down>!<enter>"));

    [Fact]
    public void Pasted_lines_are_one_line_and_the_rest_of_an_unknown_sequence_is_no_text() =>
        Assert.Equal(["first\nsecond", "third"], Read("[first<enter>second]<enter>", "[<escape>[200~]third<enter>"));

    [Fact]
    public async Task A_large_paste_can_be_edited()
    {
        var text = new string('x', 300_000);
        Assert.Equal([text[1..]], await Task.Run(() => Read($"[{text}]<back><enter>")).WaitAsync(TimeSpan.FromSeconds(20)));
    }

    [Fact]
    public void The_end_of_the_input_is_no_line() => Assert.Equal(["one", null], Read("one<enter>", "<^D>"));

    [Fact]
    public void A_long_line_shows_the_part_around_the_cursor()
    {
        var output = new StringWriter();
        Read(output, 20, "abcdefghijklmnopqrstuvwxyz<enter>");

        var last = output.ToString().Split("\u001b[3G")[^1];
        Assert.Equal("klmnopqrstuvwxyz\u001b[K\u001b[19G", last.TrimEnd());
    }

    private static List<string?> Read(params string[] lines) => Read(new StringWriter(), 80, lines);

    /// <summary>Reads lines of keys: characters and names in angle brackets. Those in square brackets come at once.</summary>
    private static List<string?> Read(StringWriter output, int width, params string[] lines)
    {
        var keys = new Queue<(ConsoleKeyInfo Key, bool HasNext)>(lines.SelectMany(Parse));
        var isWaiting = false;
        var editor = new LineEditor(
            () =>
            {
                (var key, isWaiting) = keys.Dequeue();
                return key;
            },
            () => isWaiting,
            () => width,
            output);
        return [.. lines.Select(_ => editor.ReadLine())];
    }

    private static IEnumerable<(ConsoleKeyInfo Key, bool HasNext)> Parse(string keys)
    {
        var isPaste = false;
        for (var i = 0; i < keys.Length; i++)
        {
            if (i == 0 && keys[i] == '[') isPaste = true;
            else if (isPaste && keys[i] == ']') isPaste = false;
            else if (keys[i] == '<')
            {
                var end = keys.IndexOf('>', i);
                yield return (Named[keys[(i + 1)..end]], isPaste && keys[end + 1] != ']');
                i = end;
            }
            else yield return (new ConsoleKeyInfo(keys[i], 0, shift: false, alt: false, control: false), isPaste && keys[i + 1] != ']');
        }
    }

    private static ConsoleKeyInfo Key(ConsoleKey key, char c = '\0') => new(c, key, shift: false, alt: false, control: false);

    private static ConsoleKeyInfo Control(ConsoleKey key) => new('\u0001', key, shift: false, alt: false, control: true);
}
