using System.Buffers;
using Microsoft.Win32.SafeHandles;

namespace PluginHost.Files.Storage;

/// <summary>Reads the lines of a file from its end, so that the cost of the newest lines does not depend on the file's length.</summary>
internal sealed class BackwardLines : IDisposable
{
    private const int ChunkBytes = 32 * 1024;

    private readonly SafeFileHandle _file;
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(ChunkBytes);
    private long _start;
    private int _end;

    /// <param name="file">The file, open for reading.</param>
    /// <param name="end">The offset to start from; the byte before it is a line feed.</param>
    public BackwardLines(SafeFileHandle file, long end)
    {
        _file = file;
        _start = end;
    }

    /// <summary>The offset of <see cref="Line"/> in the file.</summary>
    public long Offset { get; private set; }

    /// <summary>The line without its line feed; valid until the next read.</summary>
    public ReadOnlyMemory<byte> Line { get; private set; }

    public bool Read()
    {
        if (_start + _end == 0) return false;
        while (true)
        {
            // Skip the line feed that ends this line: the one before it ends the previous line.
            var before = _end > 0 ? _buffer.AsSpan(0, _end - 1).LastIndexOf((byte)'\n') : -1;
            if (before >= 0 || (_start == 0 && _end > 0)) return Take(before + 1);
            Fill();
        }
    }

    public void Dispose() => ArrayPool<byte>.Shared.Return(_buffer);

    private bool Take(int begin)
    {
        Offset = _start + begin;
        Line = _buffer.AsMemory(begin, _end - 1 - begin);
        _end = begin;
        return true;
    }

    private void Fill()
    {
        var count = (int)Math.Min(_start, Math.Max(ChunkBytes, _end));
        if (count + _end > _buffer.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(count + _end);
            _buffer.AsSpan(0, _end).CopyTo(larger.AsSpan(count));
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
        }
        else
        {
            _buffer.AsSpan(0, _end).CopyTo(_buffer.AsSpan(count));
        }

        FileBytes.Read(_file, _buffer.AsSpan(0, count), _start - count);
        _start -= count;
        _end += count;
    }
}
