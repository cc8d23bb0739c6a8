using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using PluginHost.Files.Storage;

namespace PluginHost.Files.History;

/// <summary>
/// Repairs the end of a history file after a crash. An append is one line and writes its line feed last, so the bytes after the
/// last line feed were never acknowledged.
/// </summary>
internal static class TornLineRepair
{
    /// <summary>Finds the end of the last complete line. Repairs the file when more bytes follow and the file is writable.</summary>
    public static long FindEnd(string path, SafeFileHandle file, FileStore store)
    {
        var length = RandomAccess.GetLength(file);
        if (EndsWithLineFeed(file, length)) return length;
        try
        {
            using var writable = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
            return Repair(path, writable, store);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Read without the torn line. The next append retries the repair and fails if it fails again.
            var end = FileBytes.FindLastLineEnd(file, length);
            Log.TornLineKept(store.Logger, path, end, e.Message);
            return end;
        }
    }

    /// <summary>Removes a torn line, or adds the line feed that a manual edit removed from a complete line.</summary>
    /// <returns>The length of the file.</returns>
    public static long Repair(string path, SafeFileHandle file, FileStore store)
    {
        var length = RandomAccess.GetLength(file);
        if (EndsWithLineFeed(file, length)) return length;
        var end = FileBytes.FindLastLineEnd(file, length);
        if (IsComplete(FileBytes.Read(file, end, checked((int)(length - end)))))
        {
            store.FileWriter.Write(file, "\n"u8, length);
            store.FileWriter.Flush(file);
            return length + 1;
        }

        RandomAccess.SetLength(file, end);
        store.FileWriter.Flush(file);
        Log.TornLineRemoved(store.Logger, path, end, length - end);
        return end;
    }

    private static bool EndsWithLineFeed(SafeFileHandle file, long length) => length == 0 || FileBytes.Read(file, length - 1, 1)[0] == '\n';

    private static bool IsComplete(byte[] line)
    {
        try
        {
            HistoryLine.Read(line, withMessages: true);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
