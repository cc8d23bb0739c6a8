using System.Globalization;

namespace PluginHost.Cli.Remote;

/// <summary>
/// Reads lines from a terminal: with arrows, earlier lines, and pasted text of several lines as one. No maintained package does this.
/// For one caller at a time.
/// </summary>
/// <param name="readKey">Waits for a key.</param>
/// <param name="isKeyWaiting">Whether a key waits: more of a paste, or of a sequence that the platform does not know.</param>
/// <param name="getWidth">The width of the terminal.</param>
/// <param name="output">The terminal.</param>
internal sealed class LineEditor(Func<ConsoleKeyInfo> readKey, Func<bool> isKeyWaiting, Func<int> getWidth, TextWriter output) : TextReader
{
    /// <summary>The width of the prompt before each line.</summary>
    private const int PromptWidth = 2;

    private const int MinWidth = 10;

    /// <summary>How many UTF-16 units of the line are looked at for each cell: more than almost any text has.</summary>
    private const int UnitsPerCell = 4;

    private readonly List<string> _earlier = [];
    private LineBuffer _line = new();
    private int _shown;
    private string _unfinished = "";

    /// <summary>Reads the lines of the console: edited on a terminal, as they come otherwise.</summary>
    public static TextReader CreateForConsole() => Console.IsInputRedirected || Console.IsOutputRedirected
        ? Console.In
        : new LineEditor(static () => Console.ReadKey(intercept: true), static () => Console.KeyAvailable, static () => Console.WindowWidth, Console.Out);

    public override Task<string?> ReadLineAsync() => Task.Run(ReadLine);

    /// <returns>Null for the end of the input: ctrl-D on an empty line.</returns>
    public override string? ReadLine()
    {
        (_line, _shown, _unfinished) = (new LineBuffer(), _earlier.Count, "");
        while (true)
        {
            var key = readKey();
            if (key.Modifiers.HasFlag(ConsoleModifiers.Control) && key.Key == ConsoleKey.D && _line.Length == 0) return End(null);
            // A line break that more follows was pasted.
            if (IsEnter(key) && !isKeyWaiting()) return End(_line.Text);
            Handle(key);
            if (!isKeyWaiting()) Draw();
        }
    }

    private static bool IsEnter(ConsoleKeyInfo key) => key.Key == ConsoleKey.Enter || key.KeyChar is '\r' or '\n';

    private string? End(string? line)
    {
        _line.End();
        Draw();
        output.WriteLine();
        if (line is { Length: > 0 } && (_earlier.Count == 0 || _earlier[^1] != line)) _earlier.Add(line);
        return line;
    }

    private void Handle(ConsoleKeyInfo key)
    {
        if (IsEnter(key)) _line.Insert('\n');
        else if (key.Modifiers.HasFlag(ConsoleModifiers.Control)) HandleControl(key.Key);
        else if (key.Key == ConsoleKey.Escape) SkipSequence();
        else if (!HandleMove(key.Key) && (key.KeyChar == '\t' || !char.IsControl(key.KeyChar))) _line.Insert(key.KeyChar);
    }

    private void HandleControl(ConsoleKey key)
    {
        switch (key)
        {
            case ConsoleKey.A: _line.Home(); break;
            case ConsoleKey.B: _line.Left(); break;
            case ConsoleKey.D: _line.DeleteRight(); break;
            case ConsoleKey.E: _line.End(); break;
            case ConsoleKey.F: _line.Right(); break;
            case ConsoleKey.H: _line.DeleteLeft(); break;
            case ConsoleKey.K: _line.DeleteToEnd(); break;
            case ConsoleKey.N: Show(_shown + 1); break;
            case ConsoleKey.P: Show(_shown - 1); break;
            case ConsoleKey.U: _line.DeleteToStart(); break;
            case ConsoleKey.W or ConsoleKey.Backspace: _line.DeleteWord(); break;
            case ConsoleKey.LeftArrow: _line.WordLeft(); break;
            case ConsoleKey.RightArrow: _line.WordRight(); break;
        }
    }

    /// <returns>Whether the key is one that moves or deletes.</returns>
    private bool HandleMove(ConsoleKey key)
    {
        switch (key)
        {
            case ConsoleKey.LeftArrow: _line.Left(); return true;
            case ConsoleKey.RightArrow: _line.Right(); return true;
            case ConsoleKey.UpArrow: Show(_shown - 1); return true;
            case ConsoleKey.DownArrow: Show(_shown + 1); return true;
            case ConsoleKey.Home: _line.Home(); return true;
            case ConsoleKey.End: _line.End(); return true;
            case ConsoleKey.Backspace: _line.DeleteLeft(); return true;
            case ConsoleKey.Delete: _line.DeleteRight(); return true;
            default: return false;
        }
    }

    /// <summary>Shows an earlier line, or again the one that was begun.</summary>
    private void Show(int number)
    {
        if (number < 0 || number > _earlier.Count) return;
        if (_shown == _earlier.Count) _unfinished = _line.Text;
        _shown = number;
        _line.Set(number == _earlier.Count ? _unfinished : _earlier[number]);
    }

    /// <summary>Skips the rest of a sequence that the platform does not know: it is not text.</summary>
    private void SkipSequence()
    {
        if (!isKeyWaiting() || readKey().KeyChar is not ('[' or 'O')) return;
        while (isKeyWaiting() && readKey().KeyChar is not ((>= '@' and <= '~') or '\0'))
        {
        }
    }

    /// <summary>Writes as much of the line around the cursor as fits beside the prompt.</summary>
    private void Draw()
    {
        var width = Math.Max(getWidth() - PromptWidth - 1, MinWidth);
        // Nothing further away fits, and a line may be large.
        var (before, after) = _line.Around(UnitsPerCell * width);
        var (text, cursor) = (CellText.ToLine((before + after).Replace('\n', '\u23ce')), before.Length);
        var starts = StringInfo.ParseCombiningCharacters(text);
        var first = starts.FirstOrDefault(i => i <= cursor && CellText.Measure(text[i..cursor]) < width, cursor);
        var last = starts.LastOrDefault(i => i >= first && CellText.Measure(text[first..i]) <= width, first);
        if (CellText.Measure(text[first..]) <= width) last = text.Length;
        var column = PromptWidth + 1 + CellText.Measure(text[first..cursor]);
        output.Write(string.Create(CultureInfo.InvariantCulture, $"\u001b[{PromptWidth + 1}G{text[first..last]}\u001b[K\u001b[{column}G"));
        output.Flush();
    }
}
