using Microsoft.Win32.SafeHandles;

namespace PluginHost.Files.Storage;

/// <summary>Reads bytes at offsets of a file.</summary>
internal static class FileBytes
{
    /// <summary>Fills the buffer from an offset.</summary>
    /// <exception cref="EndOfStreamException">The file is too short.</exception>
    public static void Read(SafeFileHandle file, Span<byte> buffer, long offset)
    {
        while (buffer.Length > 0)
        {
            var read = RandomAccess.Read(file, buffer, offset);
            if (read == 0) throw new EndOfStreamException($"The file ended at byte {offset} during a read.");
            buffer = buffer[read..];
            offset += read;
        }
    }

    public static byte[] Read(SafeFileHandle file, long offset, int count)
    {
        var bytes = new byte[count];
        Read(file, bytes, offset);
        return bytes;
    }

    /// <summary>Opens a file for reading. Returns null when the file does not exist, and throws when its folder does not exist.</summary>
    public static SafeFileHandle? OpenToRead(string path)
    {
        try
        {
            return File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        }
        catch (FileNotFoundException)
        {
            // A session without a file has no stored data, which is not an error.
            return null;
        }
    }

    /// <summary>Finds the offset after the last line feed; 0 when there is none.</summary>
    public static long FindLastLineEnd(SafeFileHandle file, long length)
    {
        Span<byte> buffer = stackalloc byte[4096];
        for (var end = length; end > 0;)
        {
            var begin = Math.Max(0, end - buffer.Length);
            var bytes = buffer[..(int)(end - begin)];
            Read(file, bytes, begin);
            var found = bytes.LastIndexOf((byte)'\n');
            if (found >= 0) return begin + found + 1;
            end = begin;
        }

        return 0;
    }
}
