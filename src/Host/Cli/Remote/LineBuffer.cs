using System.Globalization;

namespace PluginHost.Cli.Remote;

/// <summary>A line that is being edited, and the place of the cursor in it, which is never inside of a character.</summary>
internal sealed class LineBuffer
{
    public string Text { get; private set; } = "";

    /// <summary>The index before which the next character is inserted.</summary>
    public int Cursor { get; private set; }

    private int Before => StringInfo.ParseCombiningCharacters(Text).LastOrDefault(i => i < Cursor);

    private int After => Cursor + StringInfo.GetNextTextElementLength(Text, Cursor);

    public void Insert(char c)
    {
        Text = Text.Insert(Cursor, c.ToString());
        Cursor++;
    }

    /// <summary>Replaces the line, with the cursor behind it.</summary>
    public void Set(string text) => (Text, Cursor) = (text, text.Length);

    public void Home() => Cursor = 0;

    public void End() => Cursor = Text.Length;

    public void Left() => Cursor = Before;

    public void Right() => Cursor = After;

    public void WordLeft() => Cursor = FindWord();

    public void WordRight()
    {
        while (Cursor < Text.Length && char.IsWhiteSpace(Text[Cursor])) Cursor++;
        while (Cursor < Text.Length && !char.IsWhiteSpace(Text[Cursor])) Cursor++;
    }

    public void DeleteLeft() => Remove(Before, Cursor);

    public void DeleteRight() => Remove(Cursor, After);

    public void DeleteWord() => Remove(FindWord(), Cursor);

    public void DeleteToStart() => Remove(0, Cursor);

    public void DeleteToEnd() => Remove(Cursor, Text.Length);

    private int FindWord()
    {
        var at = Cursor;
        while (at > 0 && char.IsWhiteSpace(Text[at - 1])) at--;
        while (at > 0 && !char.IsWhiteSpace(Text[at - 1])) at--;
        return at;
    }

    private void Remove(int from, int to) => (Text, Cursor) = (Text[..from] + Text[to..], from);
}
