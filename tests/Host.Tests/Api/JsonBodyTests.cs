using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using PluginHost.Http.Binding;

namespace PluginHost.Tests.Api;

/// <summary>What reading a body costs.</summary>
public sealed class JsonBodyTests
{
    private const int Length = 600_000;

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task A_body_is_copied_once(int segments)
    {
        var bytes = Encoding.UTF8.GetBytes($$"""{"x":"{{new string('a', Length)}}"}""");
        Assert.Equal(Length, (await ReadAsync(bytes, segments)).GetProperty("x").GetString()!.Length);

        var before = GC.GetAllocatedBytesForCurrentThread();
        var reading = ReadAsync(bytes, segments);
        Assert.True(reading.IsCompletedSuccessfully);

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, Length, Length * 3 / 2);
        // The next one that rents the block must not change what was read.
        var block = ArrayPool<byte>.Shared.Rent(bytes.Length);
        Array.Fill(block, (byte)'!');
        ArrayPool<byte>.Shared.Return(block);
        Assert.Equal(new string('a', Length), (await reading).GetProperty("x").GetString());
    }

    private static ValueTask<JsonElement> ReadAsync(byte[] bytes, int segments)
    {
        var context = new DefaultHttpContext();
        context.Request.ContentType = "application/json";
        context.Features.Set<IRequestBodyPipeFeature>(new Body(PipeReader.Create(Cut(bytes, segments))));
        return JsonBody.ReadAsync(context.Request, new InputErrors());
    }

    private static ReadOnlySequence<byte> Cut(byte[] bytes, int segments)
    {
        var size = (bytes.Length / segments) + 1;
        var first = new Segment(bytes.AsMemory(0, Math.Min(size, bytes.Length)));
        var last = first;
        for (var at = size; at < bytes.Length; at += size) last = last.Append(bytes.AsMemory(at, Math.Min(size, bytes.Length - at)));
        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }

    private sealed class Body(PipeReader reader) : IRequestBodyPipeFeature
    {
        public PipeReader Reader => reader;
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory) => Memory = memory;

        public Segment Append(ReadOnlyMemory<byte> memory)
        {
            var next = new Segment(memory) { RunningIndex = RunningIndex + Memory.Length };
            Next = next;
            return next;
        }
    }
}
