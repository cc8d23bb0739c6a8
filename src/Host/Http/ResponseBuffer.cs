using System.Buffers;
using System.IO.Pipelines;

namespace PluginHost.Http;

/// <summary>
/// Writes to a response without large blocks of the shared pool. A JSON writer asks for three bytes per character of a text; the pool would keep that block
/// after the response, and a few of them fill a small container.
/// </summary>
internal sealed class ResponseBuffer(PipeWriter output) : IBufferWriter<byte>
{
    private const int MaxPooledBytes = 1024 * 1024;

    private byte[]? _large;

    public void Advance(int count)
    {
        if (_large is not { } large)
        {
            output.Advance(count);
            return;
        }

        _large = null;
        output.Write(large.AsSpan(0, count));
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        _large = sizeHint > MaxPooledBytes ? GC.AllocateUninitializedArray<byte>(sizeHint) : null;
        return _large ?? output.GetMemory(sizeHint);
    }

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;
}
