using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace PluginHost.Telemetry.Logs;

/// <summary>
/// Writes each log entry as one line. Escapes characters that would end the line, hide parts of it or control a terminal, because ids,
/// names and model messages are untrusted input.
/// </summary>
internal sealed class LineFormatter(TimeProvider time) : ConsoleFormatter(ConsoleFormatterNames.Simple)
{
    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        var message = logEntry.Formatter(logEntry.State, logEntry.Exception);
        textWriter.Write(time.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z '", CultureInfo.InvariantCulture));
        textWriter.Write(GetLevelName(logEntry.LogLevel));
        textWriter.Write(": ");
        textWriter.Write(logEntry.Category);
        textWriter.Write('[');
        textWriter.Write(logEntry.EventId.Id.ToString(CultureInfo.InvariantCulture));
        textWriter.Write("] ");
        WriteEscaped(textWriter, message);
        if (logEntry.Exception is { } exception)
        {
            textWriter.Write(' ');
            WriteEscaped(textWriter, exception.ToString().ReplaceLineEndings(" "));
        }

        textWriter.Write(Environment.NewLine);
    }

    private static string GetLevelName(LogLevel level) => level switch
    {
        LogLevel.Trace => "trce",
        LogLevel.Debug => "dbug",
        LogLevel.Information => "info",
        LogLevel.Warning => "warn",
        LogLevel.Error => "fail",
        _ => "crit",
    };

    private static void WriteEscaped(TextWriter writer, string text)
    {
        var written = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (!IsUnsafe(text[i])) continue;
            writer.Write(text.AsSpan(written, i - written));
            writer.Write("\\u");
            writer.Write(((int)text[i]).ToString("x4", CultureInfo.InvariantCulture));
            written = i + 1;
        }

        writer.Write(text.AsSpan(written));
    }

    private static bool IsUnsafe(char c) =>
        c < ' ' || (c > '~' && char.GetUnicodeCategory(c) is UnicodeCategory.Control or UnicodeCategory.Format
            or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
}
