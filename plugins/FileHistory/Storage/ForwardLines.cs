using Microsoft.Win32.SafeHandles;

namespace PluginHost.Files.Storage;

/// <summary>Reads the lines of a file from its start or from a line, each with its line feed.</summary>
internal static class ForwardLines
{
    private const int ChunkBytes = 64 * 1024;

    public static IEnumerable<(long Offset, byte[] Line)> Read(SafeFileHandle file, long end, long start = 0)
    {
        var buffer = new byte[ChunkBytes];
        var lineStart = start;
        for (var at = start; at < end;)
        {
            var count = (int)Math.Min(buffer.Length, end - at);
            FileBytes.Read(file, buffer.AsSpan(0, count), at);
            for (var from = 0; from < count;)
            {
                var feed = Array.IndexOf(buffer, (byte)'\n', from, count - from);
                if (feed < 0) break;
                var next = at + feed + 1;
                yield return (lineStart, FileBytes.Read(file, lineStart, checked((int)(next - lineStart))));
                lineStart = next;
                from = feed + 1;
            }

            at += count;
        }
    }
}
