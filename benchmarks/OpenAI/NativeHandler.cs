using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.AI;

namespace PluginHost.Benchmarks.OpenAI;

/// <summary>A minimal handler of native runs. It reads the request, calls the model and returns the members that the host returns for such a run.</summary>
internal static class NativeHandler
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    private sealed record Body(string? Agent, string Input);

    private sealed record Part(string Type, string Text);

    private sealed record Message(string Id, string Role, IReadOnlyList<Part> Content, DateTime CreatedAt, string RunId);

    private sealed record Usage(long InputTokens, long OutputTokens, long TotalTokens);

    private sealed record Context(int LoadedMessages, int LeftOutMessages);

    private sealed record Run(
        string Id, string Object, string SessionId, string Agent, string Status, DateTime CreatedAt, IReadOnlyList<Message> Output, string Text, Usage? Usage, Context Context)
    {
        public IReadOnlyList<string> Skipped { get; } = [];

        public IReadOnlyDictionary<string, string> Metadata { get; } = new Dictionary<string, string>();

        public DateTime CompletedAt { get; } = DateTime.UtcNow;
    }

    public static void Map(WebApplication app, IChatClient model) => app.MapPost("/v1/sessions/{id}/runs", async (HttpContext http, string id, CancellationToken ct) =>
    {
        var created = DateTime.UtcNow;
        var body = (await http.Request.ReadFromJsonAsync<Body>(Json, ct))!;
        var answer = await model.GetResponseAsync([new(ChatRole.User, body.Input)], null, ct);
        var run = $"run_{Guid.NewGuid():N}";
        var message = new Message($"msg_{Guid.NewGuid():N}", "assistant", [new("text", answer.Text)], DateTime.UtcNow, run);
        var usage = answer.Usage is { } used ? new Usage(used.InputTokenCount ?? 0, used.OutputTokenCount ?? 0, used.TotalTokenCount ?? 0) : null;
        await http.Response.WriteAsJsonAsync(
            new Run(run, "run", id, body.Agent ?? "assistant", "completed", created, [message], answer.Text, usage, new(0, 0)), Json, ct);
    });
}
