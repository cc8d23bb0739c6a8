using Spectre.Console;

namespace PluginHost.Cli.Remote;

/// <summary>Writes the chat to the terminal. Removes control characters, because the text comes from the model. Thread-safe.</summary>
internal sealed class ChatScreen(IAnsiConsole console, bool interactive)
{
    private static readonly Style Dim = new(decoration: Decoration.Dim);
    private static readonly Style Red = new(Color.Red);

    private readonly TextWriter _out = console.Profile.Out.Writer;
    private readonly Lock _lock = new();
    private bool _lineIsOpen, _isPrompting;

    public static ChatScreen CreateForTerminal()
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

    /// <summary>Writes a prompt on a terminal, and nothing when input or output is redirected.</summary>
    public void WritePrompt()
    {
        if (!interactive) return;
        lock (_lock)
        {
            console.Write("> ", new Style(Color.Green));
            _out.Flush();
            _isPrompting = true;
        }
    }

    /// <summary>A line was entered after the prompt.</summary>
    public void EndPrompt() => _isPrompting = false;

    /// <summary>Writes a part of the agent's answer.</summary>
    public void WriteText(string text)
    {
        if (text.Length == 0) return;
        lock (_lock)
        {
            _out.Write(RemoveControlCharacters(text));
            _out.Flush();
            _lineIsOpen = !text.EndsWith('\n');
        }
    }

    /// <summary>Writes a line that is not part of the conversation. A prompt that waits is written again below it.</summary>
    public void WriteNote(string text) => WriteLine(text, Dim);

    public void WriteError(string text) => WriteLine(text, Red);

    /// <summary>Ends an open line.</summary>
    public void EndLine()
    {
        lock (_lock)
        {
            if (_lineIsOpen) _out.WriteLine();
            _lineIsOpen = false;
            _out.Flush();
        }
    }

    private void WriteLine(string text, Style style)
    {
        lock (_lock)
        {
            EndLine();
            if (_isPrompting) _out.WriteLine();
            if (interactive) console.WriteLine(RemoveControlCharacters(text), style);
            else _out.WriteLine(RemoveControlCharacters(text));
            _out.Flush();
            if (_isPrompting) WritePrompt();
        }
    }

    /// <summary>Replaces control characters except line feeds and tabs.</summary>
    public static string RemoveControlCharacters(string text) =>
        text.AsSpan().IndexOfAnyInRange('\0', '\u001f') < 0 && text.AsSpan().IndexOfAnyInRange('\u007f', '\u009f') < 0
            ? text
            : string.Concat(text.Select(c => char.IsControl(c) && c is not ('\n' or '\t') ? '\ufffd' : c));
}
