using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using PluginHost.Files.Storage;

namespace PluginHost.Files.History;

/// <summary>
/// The appends of a file, newest first, without their messages. Corrupt lines are reported and skipped. Appends of replaced
/// attempts are skipped unless requested.
/// </summary>
internal sealed class HistoryLines(string path, SafeFileHandle file, long end, CorruptLines corrupt) : IDisposable
{
    private readonly BackwardLines _lines = new(file, end);
    private readonly Dictionary<string, int> _laterAttempts = new(StringComparer.Ordinal);

    /// <summary>The current line, without its messages.</summary>
    public HistoryLine Current { get; private set; } = new();

    /// <summary>Whether a later attempt has replaced <see cref="Current"/>.</summary>
    public bool IsReplaced { get; private set; }

    public long Offset => _lines.Offset;

    public int Length => _lines.Line.Length;

    /// <summary>Moves to the next older append that was not replaced.</summary>
    public bool Read()
    {
        while (ReadIncludingReplaced())
        {
            if (!IsReplaced) return true;
        }

        return false;
    }

    /// <summary>Moves to the next older append.</summary>
    public bool ReadIncludingReplaced()
    {
        while (_lines.Read())
        {
            try
            {
                Current = HistoryLine.Read(_lines.Line.Span, withMessages: false);
            }
            catch (JsonException e)
            {
                corrupt.Report(path, file, Offset, _lines.Line.Span, e);
                continue;
            }

            IsReplaced = UpdateLaterAttempts() > Current.Attempt && Current.Outcome != RunOutcome.Completed;
            return true;
        }

        return false;
    }

    public void Dispose() => _lines.Dispose();

    /// <returns>The highest attempt of the current run so far, including the current one; 0 outside a run.</returns>
    private int UpdateLaterAttempts() =>
        Current.Run is { } run ? _laterAttempts[run] = Math.Max(Current.Attempt, _laterAttempts.GetValueOrDefault(run)) : 0;
}
