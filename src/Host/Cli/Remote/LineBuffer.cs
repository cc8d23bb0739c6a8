using System.Globalization;
using System.Text;

namespace PluginHost.Cli.Remote;

/// <summary>A line that is being edited, and the place of the cursor in it, which is never inside of a character.</summary>
internal sealed class LineBuffer
{
    /// <summary>More UTF-16 units than a character on the screen has.</summary>
    private const int MaxElement = 64;

    // A paste may be large, and comes as single characters.
    private readonly StringBuilder _text = new();

    public string Text => _text.ToString();

    public int Length => _text.Length;

    /// <summary>The index before which the next character is inserted.</summary>
    public int Cursor { get; private set; }

    private int Before
    {
        get
        {
            var (before, _) = Around(MaxElement);
            return Cursor - before.Length + StringInfo.ParseCombiningCharacters(before).LastOrDefault();
        }
    }

    private int After => Cursor + StringInfo.GetNextTextElementLength(Around(MaxElement).After);

    /// <summary>The text on both sides of the cursor.</summary>
    /// <param name="count">How much of each side at most.</param>
    public (string Before, string After) Around(int count)
    {
        var start = Math.Max(0, Cursor - count);
        return (_text.ToString(start, Cursor - start), _text.ToString(Cursor, Math.Min(count, _text.Length - Cursor)));
    }

    public void Insert(char c)
    {
        if (Cursor == _text.Length) _text.Append(c);
        else _text.Insert(Cursor, c);
        Cursor++;
    }

    /// <summary>Replaces the line, with the cursor behind it.</summary>
    public void Set(string text)
    {
        _text.Clear().Append(text);
        Cursor = _text.Length;
    }

    public void Home() => Cursor = 0;

    public void End() => Cursor = _text.Length;

    public void Left() => Cursor = Before;

    public void Right() => Cursor = After;

    public void WordLeft() => Cursor = FindWord();

    public void WordRight()
    {
        while (Cursor < _text.Length && char.IsWhiteSpace(_text[Cursor])) Cursor++;
        while (Cursor < _text.Length && !char.IsWhiteSpace(_text[Cursor])) Cursor++;
    }

    public void DeleteLeft() => Remove(Before, Cursor);

    public void DeleteRight() => Remove(Cursor, After);

    public void DeleteWord() => Remove(FindWord(), Cursor);

    public void DeleteToStart() => Remove(0, Cursor);

    public void DeleteToEnd() => Remove(Cursor, _text.Length);

    private int FindWord()
    {
        var at = Cursor;
        while (at > 0 && char.IsWhiteSpace(_text[at - 1])) at--;
        while (at > 0 && !char.IsWhiteSpace(_text[at - 1])) at--;
        return at;
    }

    private void Remove(int from, int to)
    {
        _text.Remove(from, to - from);
        Cursor = from;
    }
}
