using Microsoft.Win32.SafeHandles;

namespace PluginHost.Files.Storage;

internal static class LastLine
{
    /// <summary>Where the last line ends that has a line feed; 0 when none has.</summary>
    public static long End(SafeFileHandle file, long length)
    {
        Span<byte> part = stackalloc byte[4096];
        for (var end = length; end > 0;)
        {
            var begin = Math.Max(0, end - part.Length);
            var bytes = part[..(int)(end - begin)];
            Bytes.Read(file, bytes, begin);
            var found = bytes.LastIndexOf((byte)'\n');
            if (found >= 0) return begin + found + 1;
            end = begin;
        }

        return 0;
    }
}
