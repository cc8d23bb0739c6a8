using PluginHost.Native.Resources;
using Spectre.Console;

namespace PluginHost.Cli;

/// <summary>Writes a trace, in colours on a terminal and as plain text to files and pipes.</summary>
internal sealed class TraceScreen(TextWriter output)
{
    private const int TimeWidth = 11;

    private static readonly Style Dim = new(Color.Grey);
    private static readonly Style Red = new(Color.Red);

    private readonly bool _isTerminal = output == Console.Out && !Console.IsOutputRedirected;

    public void WriteHeading(string text) => Write((text, Style.Plain));

    /// <summary>Writes one line per span with its times in milliseconds.</summary>
    public void WriteTree(TraceResource trace)
    {
        var lines = TraceLines.From(trace);
        var width = lines.Max(l => l.Width);
        Write(("".PadRight(width) + FormatColumns("start ms", "took ms", "own ms"), Dim));
        foreach (var line in lines) Write(line, width);
        if (trace.DroppedSpans is { } dropped) Write(($"{dropped} later spans were dropped.", Red));
    }

    private void Write(TraceLine line, int width)
    {
        var style = line.Span.Status == "error" ? Red : Style.Plain;
        var note = line.Note.Length == 0 ? "" : "  " + line.Note;
        Write(
            (line.Branch, Dim),
            (line.Name, style),
            ("".PadRight(width - line.Width) + FormatColumns(line.Start, line.Duration, line.SelfTime), Style.Plain),
            (note, style == Red ? Red : Dim));
    }

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

    private static string FormatColumns(string start, string duration, string selfTime) => $"{start,TimeWidth}{duration,TimeWidth}{selfTime,TimeWidth}";
}
