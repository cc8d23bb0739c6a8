using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using PluginHost.Files.Storage;

namespace PluginHost.Files.History;

/// <summary>
/// The end of a history file. An append is one line, and its line feed is the last byte that is written: what follows the last
/// line feed was never acknowledged.
/// </summary>
internal static class Tail
{
    /// <summary>Finds the end of the last whole line, and repairs the file when there is more after it and it can be written.</summary>
    public static long Settle(string path, SafeFileHandle file, FileStore store)
    {
        var length = RandomAccess.GetLength(file);
        if (IsWhole(file, length)) return length;
        try
        {
            using var writable = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
            return Repair(path, writable, store);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Reading goes on without the half line; the next append tries again, and fails if it must.
            var end = LastLine.End(file, length);
            Log.TornLineKept(store.Logger, path, end, e.Message);
            return end;
        }
    }

    /// <summary>Cuts off a half line, or ends a whole one whose line feed is missing, as after an edit by hand.</summary>
    /// <returns>The length of the file.</returns>
    public static long Repair(string path, SafeFileHandle file, FileStore store)
    {
        var length = RandomAccess.GetLength(file);
        if (IsWhole(file, length)) return length;
        var end = LastLine.End(file, length);
        if (IsReadable(Bytes.Read(file, end, checked((int)(length - end)))))
        {
            store.Disk.Write(file, "\n"u8, length);
            store.Disk.Flush(file);
            return length + 1;
        }

        RandomAccess.SetLength(file, end);
        store.Disk.Flush(file);
        Log.TornLineRemoved(store.Logger, path, end, length - end);
        return end;
    }

    private static bool IsWhole(SafeFileHandle file, long length) => length == 0 || Bytes.Read(file, length - 1, 1)[0] == '\n';

    private static bool IsReadable(byte[] line)
    {
        try
        {
            HistoryLine.Read(line, withMessages: true);
            return true;
        }
        catch (JsonException)
        {
            // Cut off somewhere: that is what was asked.
            return false;
        }
    }
}
