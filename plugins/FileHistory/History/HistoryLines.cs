using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using PluginHost.Files.Storage;

namespace PluginHost.Files.History;

/// <summary>
/// The appends of a file that count, newest first, with their heads only. Lines that cannot be read are reported and passed
/// over; so are those of attempts that a later one, met before, has replaced.
/// </summary>
internal sealed class HistoryLines(string path, SafeFileHandle file, long end, CorruptLines corrupt) : IDisposable
{
    private readonly BackwardLines _lines = new(file, end);
    private readonly Dictionary<string, int> _laterAttempts = new(StringComparer.Ordinal);

    /// <summary>The head of the current line.</summary>
    public HistoryLine Head { get; private set; } = new();

    /// <summary>Whether <see cref="Head"/> belongs to an attempt that was replaced.</summary>
    public bool IsReplaced { get; private set; }

    public long Offset => _lines.Offset;

    public int Length => _lines.Line.Length;

    /// <summary>Goes to the next older append that counts.</summary>
    public bool Read()
    {
        while (ReadAny())
        {
            if (!IsReplaced) return true;
        }

        return false;
    }

    /// <summary>Goes to the next older append, replaced or not.</summary>
    public bool ReadAny()
    {
        while (_lines.Read())
        {
            try
            {
                Head = HistoryLine.Read(_lines.Line.Span, withMessages: false);
            }
            catch (JsonException e)
            {
                corrupt.Report(path, file, Offset, _lines.Line.Span, e);
                continue;
            }

            IsReplaced = Replaced();
            return true;
        }

        return false;
    }

    public void Dispose() => _lines.Dispose();

    private bool Replaced()
    {
        if (Head.Run is not { } run) return false;
        var later = _laterAttempts.GetValueOrDefault(run);
        if (Head.Attempt > later) _laterAttempts[run] = Head.Attempt;
        return Head.Attempt < later && Head.Outcome != RunOutcome.Completed;
    }
}
