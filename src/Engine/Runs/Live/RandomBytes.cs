using System.Security.Cryptography;

namespace PluginHost.Engine.Runs.Live;

/// <summary>Random bytes of the operating system, read many at a time: a call of it for each id costs more than the id. Thread-safe.</summary>
internal static class RandomBytes
{
    private const int Size = 1024;

    [ThreadStatic]
    private static byte[]? _bytes;

    [ThreadStatic]
    private static int _left;

    /// <summary>Fills a span of at most 1024 bytes. No byte is given twice.</summary>
    public static void Fill(Span<byte> target)
    {
        var bytes = _bytes ??= new byte[Size];
        if (_left < target.Length)
        {
            RandomNumberGenerator.Fill(bytes);
            _left = Size;
        }

        var taken = bytes.AsSpan(Size - _left, target.Length);
        taken.CopyTo(target);
        taken.Clear();
        _left -= target.Length;
    }
}
