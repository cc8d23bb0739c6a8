using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using PluginHost.Http;
using PluginHost.Native;

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

    [Fact]
    public async Task An_answer_follows_its_head_and_is_sent_with_its_end()
    {
        var pipe = new Pipe();
        var body = new StartedBody(pipe.Writer);
        var context = new DefaultHttpContext();
        context.Features.Set<IHttpResponseBodyFeature>(body);

        await context.WriteAsync(200, "grüße", ApiJson.Default.String);
        await context.WriteAsync(200, "again", ApiJson.Default.String);

        Assert.Equal([0L, 9L], body.UnflushedAtStart);
        Assert.Equal(16, pipe.Writer.UnflushedBytes);
        await pipe.Writer.CompleteAsync();
        Assert.Equal("\"grüße\"\"again\"", Encoding.UTF8.GetString((await pipe.Reader.ReadAsync()).Buffer.ToArray()));
    }

    /// <summary>Remembers what was written when the head was started.</summary>
    private sealed class StartedBody(PipeWriter writer) : IHttpResponseBodyFeature
    {
        public List<long> UnflushedAtStart { get; } = [];

        public Stream Stream => Stream.Null;

        public PipeWriter Writer => writer;

        public void DisableBuffering()
        {
        }

        public Task StartAsync(CancellationToken cancellationToken = default)
        {
            UnflushedAtStart.Add(writer.UnflushedBytes);
            return Task.CompletedTask;
        }

        public Task SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public Task CompleteAsync() => Task.CompletedTask;
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
