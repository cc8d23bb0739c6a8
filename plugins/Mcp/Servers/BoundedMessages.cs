namespace PluginHost.Mcp.Servers;

/// <summary>A server sent a message that is too long to be taken into memory.</summary>
internal sealed class MessageTooLongException() : IOException($"It sent a message of more than {BoundedMessages.MaxBytes / (1024 * 1024)} MB, so the connection was ended.");

/// <summary>What ends a message in a stream.</summary>
internal enum MessageEnd
{
    Line,
    BlankLine,
    Never,
}

/// <summary>A stream of messages, each up to a number of bytes.</summary>
internal sealed class BoundedMessages(Stream inner, MessageEnd end = MessageEnd.Line) : Stream
{
    public const int MaxBytes = 32 * 1024 * 1024;

    private long _message;
    private bool _isBlank = true;

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

    /// <exception cref="MessageTooLongException">The current message is longer than the limit.</exception>
    private int Count(ReadOnlySpan<byte> read)
    {
        foreach (var value in read)
        {
            var isEnd = value == '\n' && (end == MessageEnd.Line || (end == MessageEnd.BlankLine && _isBlank));
            _message = isEnd ? 0 : _message + 1;
            if (value == '\n') _isBlank = true;
            else if (value != '\r') _isBlank = false;
            if (_message > MaxBytes) throw new MessageTooLongException();
        }

        return read.Length;
    }
}
