using System.Globalization;
using System.Text;
using PluginHost.Native.Resources;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace PluginHost.Cli;

/// <summary>Writes a trace, in colours on a terminal and as plain text to files and pipes. No line is wider than the screen.</summary>
internal sealed class TraceScreen(TextWriter output, int width = TraceScreen.DefaultWidth)
{
    /// <summary>For files and pipes, and for terminals that do not say.</summary>
    public const int DefaultWidth = 80;

    private const int MinWidth = 20;

    // Narrower screens show only how long each span took.
    private const int WidthForAllTimes = 60;
    private const int TimeWidth = 9;
    private const int LabelWidth = 9;

    private static readonly Style Dim = new(Color.Grey);
    private static readonly Style Red = new(Color.Red);

    private readonly bool _isTerminal = output == Console.Out && !Console.IsOutputRedirected;
    private readonly int _width = Math.Max(width, MinWidth);

    /// <summary>A screen for the command's output, as wide as the terminal.</summary>
    public static TraceScreen Create(TextWriter output)
    {
        var isTerminal = output == Console.Out && !Console.IsOutputRedirected;
        return new(output, isTerminal && Console.WindowWidth > 0 ? Console.WindowWidth : DefaultWidth);
    }

    /// <summary>Writes a value after its name; a longer one on several lines, of which the last may be cut.</summary>
    public void WriteValue(string name, string value, int maxLines = 3)
    {
        var lines = CellText.Wrap(CellText.ToLine(value), _width - LabelWidth).Take(maxLines + 1).ToList();
        if (lines.Count > maxLines)
        {
            lines = lines[..maxLines];
            lines[^1] = CellText.Cut(lines[^1] + " …", _width - LabelWidth);
        }

        for (var i = 0; i < lines.Count; i++) Write(((i == 0 ? name : "").PadRight(LabelWidth), Dim), (lines[i], Style.Plain));
    }

    /// <summary>Writes one line, which is cut where the screen ends.</summary>
    public void WriteLine(string text) => Write((CellText.Cut(CellText.ToLine(text), _width), Style.Plain));

    /// <summary>Writes one line per span with its times in milliseconds.</summary>
    public void WriteTree(TraceResource trace)
    {
        var lines = TraceLines.From(trace);
        var columns = _width < WidthForAllTimes ? 1 : lines.Any(l => l.SelfTime.Length > 0) ? 3 : 2;
        var nameWidth = Math.Min(lines.Max(l => CellText.Measure(l.Branch + CellText.ToLine(l.Name))), _width - (columns * TimeWidth));
        Write(("".PadRight(nameWidth) + Times(columns, "start ms", "took ms", "own ms"), Dim));
        foreach (var line in lines) Write(line, nameWidth, columns);
        if (trace.DroppedSpans is { } dropped) WriteValue("", $"{dropped} later spans were dropped.");
    }

    private void Write(TraceLine line, int nameWidth, int columns)
    {
        var style = line.Span.Status == "error" ? Red : Style.Plain;
        var branch = Shorten(line.Branch, nameWidth);
        var name = CellText.Cut(CellText.ToLine(line.Name), nameWidth - branch.Length);
        var note = CellText.ToLine(line.Note);
        var isBeside = note.Length > 0 && nameWidth + (columns * TimeWidth) + 2 + CellText.Measure(note) <= _width;
        Write(
            (branch, Dim),
            (CellText.Pad(name, nameWidth - branch.Length), style),
            (Times(columns, line.Start, line.Duration, line.SelfTime), Style.Plain),
            (isBeside ? "  " + note : "", style == Red ? Red : Dim));
        if (isBeside || note.Length == 0) return;
        var below = Shorten(line.Below, nameWidth) + "  ";
        foreach (var part in CellText.Wrap(note, _width - below.Length)) Write((below, Dim), (part, style == Red ? Red : Dim));
    }

    /// <summary>The end of the branches of a deep tree, so that half of the column is left for names.</summary>
    private static string Shorten(string branch, int nameWidth) =>
        branch.Length <= nameWidth / 2 ? branch : string.Concat("…", branch.AsSpan(branch.Length - (nameWidth / 2) + 1));

    private void Write(params ReadOnlySpan<(string Text, Style Style)> parts)
    {
        if (_isTerminal)
        {
            foreach (var (text, style) in parts) AnsiConsole.Console.Write(text, style);
            AnsiConsole.WriteLine();
            return;
        }

        var line = "";
        foreach (var (text, _) in parts) line += text;
        output.WriteLine(line.TrimEnd());
    }

    private static string Times(int columns, string start, string duration, string selfTime) => columns switch
    {
        1 => $"{duration,TimeWidth}",
        2 => $"{start,TimeWidth}{duration,TimeWidth}",
        _ => $"{start,TimeWidth}{duration,TimeWidth}{selfTime,TimeWidth}",
    };
}

/// <summary>Text measured in cells of a terminal, of which a wide character takes two.</summary>
internal static class CellText
{
    public static int Measure(string text) => new Segment(text).CellCount();

    /// <summary>One line without characters that control a terminal.</summary>
    public static string ToLine(string text) => string.Concat(text.Select(c => c is '\r' or '\n' or '\t' ? ' ' : IsUnsafe(c) ? '\ufffd' : c));

    /// <summary>The text, or its beginning with an ellipsis when it is wider than <paramref name="width"/>.</summary>
    public static string Cut(string text, int width)
    {
        if (Measure(text) <= width) return text;
        var (kept, cells) = (new StringBuilder(), 0);
        // Text elements, so that no letter loses its accent and no pair its half.
        for (var elements = StringInfo.GetTextElementEnumerator(text); elements.MoveNext();)
        {
            var element = elements.GetTextElement();
            if ((cells += Measure(element)) > width - 1) break;
            kept.Append(element);
        }

        return kept.Append('…').ToString();
    }

    public static string Pad(string text, int width) => text + new string(' ', Math.Max(0, width - Measure(text)));

    /// <summary>Breaks a text into lines that fit, between words where it can.</summary>
    public static IEnumerable<string> Wrap(string text, int width)
    {
        var line = "";
        foreach (var word in text.Split(' '))
        {
            if (line.Length > 0 && Measure(line) + 1 + Measure(word) > width)
            {
                yield return line;
                line = "";
            }

            line = Cut(line.Length == 0 ? word : $"{line} {word}", width);
        }

        if (line.Length > 0) yield return line;
    }

    private static bool IsUnsafe(char c) =>
        char.GetUnicodeCategory(c) is UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        || c is (>= '\u202a' and <= '\u202e') or (>= '\u2066' and <= '\u2069');
}
