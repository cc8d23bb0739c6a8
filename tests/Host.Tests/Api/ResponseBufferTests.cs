using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;
using PluginHost.Http;

namespace PluginHost.Tests.Api;

/// <summary>What the JSON writers of responses write to.</summary>
public sealed class ResponseBufferTests
{
    [Fact]
    public async Task A_large_text_arrives_whole_and_in_its_place_and_takes_no_large_block_of_the_pool()
    {
        using var pool = new Pool();
        var pipe = new Pipe(new PipeOptions(pool, pauseWriterThreshold: 0));
        string[] texts = ["before", new string('ä', 1024 * 1024), "between", new string('b', 600_000), "behind"];

        await using (var json = new Utf8JsonWriter(new ResponseBuffer(pipe.Writer))) JsonSerializer.Serialize(json, texts);
        await pipe.Writer.CompleteAsync();

        var read = await pipe.Reader.ReadAsync();
        Assert.Equal(texts, JsonSerializer.Deserialize<string[]>(read.Buffer.ToArray()));
        Assert.InRange(pool.Largest, 1, 1024 * 1024);
    }

    private sealed class Pool : MemoryPool<byte>
    {
        public int Largest { get; private set; }

        public override int MaxBufferSize => Array.MaxLength;

        public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
        {
            Largest = Math.Max(Largest, minBufferSize);
            return Shared.Rent(minBufferSize);
        }

        protected override void Dispose(bool disposing)
        {
        }
    }
}
