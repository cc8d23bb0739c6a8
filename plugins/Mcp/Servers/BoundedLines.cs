namespace PluginHost.Mcp.Servers;

/// <summary>A server sent a message that is too long to be taken into memory.</summary>
internal sealed class LineTooLongException() : IOException($"It sent a message of more than {BoundedLines.MaxBytes / (1024 * 1024)} MB, so the connection was ended.");

/// <summary>A stream of lines, each up to a number of bytes.</summary>
internal sealed class BoundedLines(Stream inner) : Stream
{
    public const int MaxBytes = 32 * 1024 * 1024;

    private long _line;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count) => Count(buffer.AsSpan(offset, inner.Read(buffer, offset, count)));

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var length = await inner.ReadAsync(buffer, cancellationToken);
        return Count(buffer.Span[..length]);
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing) inner.Dispose();
        base.Dispose(disposing);
    }

    /// <exception cref="LineTooLongException">The current line is longer than the limit.</exception>
    private int Count(ReadOnlySpan<byte> read)
    {
        var last = read.LastIndexOf((byte)'\n');
        // A line that ends in here began before: it has been counted up to the last read.
        _line = last < 0 ? _line + read.Length : read.Length - last - 1;
        return _line <= MaxBytes ? read.Length : throw new LineTooLongException();
    }
}
