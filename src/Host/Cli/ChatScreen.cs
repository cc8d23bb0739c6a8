using Spectre.Console;

namespace PluginHost.Cli;

/// <summary>What the chat shows. The agent's words go out as they come, without the characters that control terminals.</summary>
internal sealed class ChatScreen(IAnsiConsole console, bool interactive)
{
    private static readonly Style Dim = new(decoration: Decoration.Dim);
    private static readonly Style Red = new(Color.Red);

    private readonly TextWriter _out = console.Profile.Out.Writer;
    private bool _inLine;

    public static ChatScreen ForTerminal()
    {
        var interactive = !Console.IsInputRedirected && !Console.IsOutputRedirected;
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = interactive ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = interactive ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Out = new AnsiConsoleOutput(Console.Out),
        });
        return new ChatScreen(console, interactive);
    }

    /// <summary>Asks for the next line; nothing to show when nobody types.</summary>
    public void Prompt()
    {
        if (!interactive) return;
        console.Write("> ", new Style(Color.Green));
        _out.Flush();
    }

    public void Text(string text)
    {
        if (text.Length == 0) return;
        _out.Write(Printable(text));
        _out.Flush();
        _inLine = !text.EndsWith('\n');
    }

    /// <summary>A line beside the conversation.</summary>
    public void Note(string text) => Line(text, Dim);

    public void Error(string text) => Line(text, Red);

    /// <summary>Ends the line that text may have begun.</summary>
    public void EndLine()
    {
        if (_inLine) _out.WriteLine();
        _inLine = false;
        _out.Flush();
    }

    private void Line(string text, Style style)
    {
        EndLine();
        if (interactive) console.WriteLine(Printable(text), style);
        else _out.WriteLine(Printable(text));
        _out.Flush();
    }

    /// <summary>Text without the characters that control terminals.</summary>
    public static string Printable(string text) =>
        text.AsSpan().IndexOfAnyInRange('\0', '\u001f') < 0 && text.AsSpan().IndexOfAnyInRange('\u007f', '\u009f') < 0
            ? text
            : string.Concat(text.Select(c => char.IsControl(c) && c is not ('\n' or '\t') ? '\ufffd' : c));
}
