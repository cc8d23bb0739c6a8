using Microsoft.Win32.SafeHandles;

namespace PluginHost.Files.Storage;

internal static class Bytes
{
    /// <summary>Reads exactly as many bytes as fit.</summary>
    public static void Read(SafeFileHandle file, Span<byte> into, long offset)
    {
        while (into.Length > 0)
        {
            var read = RandomAccess.Read(file, into, offset);
            if (read == 0) throw new EndOfStreamException($"The file ended at byte {offset} while it was read.");
            into = into[read..];
            offset += read;
        }
    }

    public static byte[] Read(SafeFileHandle file, long offset, int count)
    {
        var bytes = new byte[count];
        Read(file, bytes, offset);
        return bytes;
    }

    /// <summary>Opens a file for reading; null when it does not exist, an exception when its folder does not.</summary>
    public static SafeFileHandle? OpenToRead(string path)
    {
        try
        {
            return File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        }
        catch (FileNotFoundException)
        {
            // A session that has no file has nothing stored; that is no error.
            return null;
        }
    }
}
