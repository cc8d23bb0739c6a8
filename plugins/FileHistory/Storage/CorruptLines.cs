using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;

namespace PluginHost.Files.Storage;

/// <summary>Logs corrupt lines once and copies each to a file in the same folder. Never changes the file with the line.</summary>
internal sealed class CorruptLines(ILogger logger)
{
    private const int MaxReported = 1000;
    private readonly ConcurrentDictionary<(string Path, long Offset), bool> _reported = new();

    public static string GetCopyPath(string path) => path + ".corrupt";

    public void Report(string path, SafeFileHandle file, long offset, ReadOnlySpan<byte> line, Exception reason)
    {
        if (!IsNew(path, offset)) return;
        SaveCopy(GetCopyPath(path), line);
        Log.CorruptLine(logger, path, GetLineNumber(file, offset), reason.Message, GetCopyPath(path));
    }

    /// <summary>Logs the corrupt file of a session once.</summary>
    public void ReportFile(string path, InvalidDataException reason)
    {
        if (IsNew(path, offset: 0)) Log.CorruptSession(logger, path, reason.InnerException!.Message);
    }

    private bool IsNew(string path, long offset)
    {
        if (_reported.Count >= MaxReported) _reported.Clear();
        return _reported.TryAdd((path, offset), true);
    }

    private static void SaveCopy(string copy, ReadOnlySpan<byte> line)
    {
        try
        {
            if (File.Exists(copy) && File.ReadAllBytes(copy).AsSpan().IndexOf(line) >= 0) return;
            using var file = PrivateFiles.Open(copy, FileMode.Append, FileShare.Read);
            file.Write(line);
            file.WriteByte((byte)'\n');
            file.Flush(flushToDisk: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The original line is still in its file, and the caller logs it.
        }
    }

    private static long GetLineNumber(SafeFileHandle file, long offset)
    {
        var number = 1L;
        var buffer = new byte[64 * 1024];
        for (long at = 0; at < offset; at += buffer.Length)
        {
            var part = buffer.AsSpan(0, (int)Math.Min(buffer.Length, offset - at));
            FileBytes.Read(file, part, at);
            number += part.Count((byte)'\n');
        }

        return number;
    }
}
