using PluginHost.Benchmarks.Load;
using PluginHost.Benchmarks.Runs;

namespace PluginHost.Benchmarks.OpenAI;

/// <summary>A request that is sent again and again.</summary>
/// <param name="Name">What it asks for.</param>
/// <param name="Path">Its path. A placeholder is replaced by a new session for each connection.</param>
/// <param name="Json">Its body.</param>
internal sealed record BenchmarkRequest(string Name, string Path, string Json)
{
    private const string SessionPlaceholder = "{session}";

    private const string Messages = $$"""[{"role":"system","content":"Be brief."},{"role":"user","content":"{{Conversation.Input}}"}]""";

    public static BenchmarkRequest Chat { get; } =
        new("chat completion", "/v1/chat/completions", $$"""{"model":"assistant","messages":{{Messages}}}""");

    public static BenchmarkRequest Streamed { get; } =
        new("chat completion, streamed", "/v1/chat/completions", $$"""{"model":"assistant","messages":{{Messages}},"stream":true}""");

    public static BenchmarkRequest Response { get; } =
        new("response", "/v1/responses", $$"""{"model":"assistant","input":"{{Conversation.Input}}"}""");

    public static BenchmarkRequest UnstoredResponse { get; } =
        new("response, store: false", "/v1/responses", $$"""{"model":"assistant","input":"{{Conversation.Input}}","store":false}""");

    public static BenchmarkRequest NativeRun { get; } =
        new("native run", $"/v1/sessions/{SessionPlaceholder}/runs", $$"""{"agent":"assistant","input":"{{Conversation.Input}}"}""");

    public static IReadOnlyList<BenchmarkRequest> All { get; } = [Chat, Streamed, Response, UnstoredResponse, NativeRun];

    /// <summary>The bytes of an HTTP/1.1 request for one connection.</summary>
    public byte[] CreateBytes()
    {
        var path = Path.Replace(SessionPlaceholder, Guid.NewGuid().ToString("N"), StringComparison.Ordinal);
        return RawConnection.CreatePost("localhost", path, Json);
    }
}
