using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;

namespace PluginHost.Files.Storage;

/// <summary>Reports lines that cannot be read, and keeps a copy of each beside its file. Never changes the file itself.</summary>
internal sealed class CorruptLines(ILogger logger)
{
    private const int Remembered = 1000;
    private readonly ConcurrentDictionary<(string Path, long Offset), bool> _reported = new();

    /// <summary>The file with the copies.</summary>
    public static string CopyOf(string path) => path + ".corrupt";

    public void Report(string path, SafeFileHandle file, long offset, ReadOnlySpan<byte> line, Exception reason)
    {
        if (_reported.Count >= Remembered) _reported.Clear();
        if (!_reported.TryAdd((path, offset), true)) return;
        SetAside(CopyOf(path), line);
        Log.CorruptLine(logger, path, LineNumber(file, offset), reason.Message, CopyOf(path));
    }

    private static void SetAside(string copy, ReadOnlySpan<byte> line)
    {
        try
        {
            if (File.Exists(copy) && File.ReadAllBytes(copy).AsSpan().IndexOf(line) >= 0) return;
            using var file = new FileStream(copy, FileMode.Append, FileAccess.Write, FileShare.Read);
            file.Write(line);
            file.WriteByte((byte)'\n');
            file.Flush(flushToDisk: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The line itself is still in its file, and is reported either way.
        }
    }

    private static long LineNumber(SafeFileHandle file, long offset)
    {
        var number = 1L;
        var buffer = new byte[64 * 1024];
        for (long at = 0; at < offset; at += buffer.Length)
        {
            var part = buffer.AsSpan(0, (int)Math.Min(buffer.Length, offset - at));
            Bytes.Read(file, part, at);
            number += part.Count((byte)'\n');
        }

        return number;
    }
}
