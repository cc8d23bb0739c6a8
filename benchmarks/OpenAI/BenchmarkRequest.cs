using System.Text;
using PluginHost.Benchmarks.Runs;

namespace PluginHost.Benchmarks.OpenAI;

/// <summary>The bytes of an HTTP/1.1 request.</summary>
internal sealed record BenchmarkRequest(string Name, byte[] Bytes)
{
    private const string Messages = $$"""[{"role":"system","content":"Be brief."},{"role":"user","content":"{{Conversation.Input}}"}]""";

    public static BenchmarkRequest Streamed { get; } =
        Create("chat completion, streamed", "/v1/chat/completions", $$"""{"model":"assistant","messages":{{Messages}},"stream":true}""");

    public static IReadOnlyList<BenchmarkRequest> All { get; } =
    [
        Create("chat completion", "/v1/chat/completions", $$"""{"model":"assistant","messages":{{Messages}}}"""),
        Streamed,
        Create("response", "/v1/responses", $$"""{"model":"assistant","input":"{{Conversation.Input}}"}"""),
        Create("response, store: false", "/v1/responses", $$"""{"model":"assistant","input":"{{Conversation.Input}}","store":false}"""),
    ];

    private static BenchmarkRequest Create(string name, string path, string json) => new(
        name,
        Encoding.UTF8.GetBytes(
            $"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {Encoding.UTF8.GetByteCount(json)}\r\n\r\n{json}"));
}
