using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.AI;
using PluginHost.Benchmarks.Http;
using PluginHost.Http;

namespace PluginHost.Benchmarks.OpenAI;

/// <summary>
/// A minimal server with the same endpoints. They read the request, call the model and return every member that clients
/// need. The server has no sessions, validation or error handling.
/// </summary>
internal static class MinimalServer
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    private sealed record Message(string Role, string Content);

    private sealed record ChatBody(string Model, IReadOnlyList<Message> Messages, bool Stream = false);

    private sealed record AnswerMessage(string Role, string Content, string? Refusal, IReadOnlyList<string> Annotations);

    private sealed record Choice(int Index, AnswerMessage Message, string FinishReason, string? Logprobs);

    private sealed record ChatUsage(long PromptTokens, long CompletionTokens, long TotalTokens);

    private sealed record ChatAnswer(string Id, string Object, long Created, string Model, IReadOnlyList<Choice> Choices, ChatUsage Usage);

    private sealed record Delta(
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Role,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Content);

    private sealed record ChunkChoice(int Index, Delta Delta, string? FinishReason, string? Logprobs);

    private sealed record Chunk(string Id, string Object, long Created, string Model, IReadOnlyList<ChunkChoice> Choices);

    private sealed record ResponseBody(string Model, string Input);

    private sealed record Part(string Type, string Text, IReadOnlyList<string> Annotations, IReadOnlyList<string> Logprobs);

    private sealed record Item(string Id, string Type, string Status, string Role, IReadOnlyList<Part> Content);

    private sealed record InputDetails(long CachedTokens);

    private sealed record OutputDetails(long ReasoningTokens);

    private sealed record ResponseUsage(
        long InputTokens, InputDetails InputTokensDetails, long OutputTokens, OutputDetails OutputTokensDetails, long TotalTokens);

    private sealed record Format(string Type);

    private sealed record TextFormat(Format Format);

    private sealed record Reasoning(string? Effort, string? Summary);

    private sealed record ResponseAnswer(string Id, string Object, long CreatedAt, string Status, string Model, IReadOnlyList<Item> Output, ResponseUsage Usage)
    {
        public long CompletedAt { get; init; } = CreatedAt;

        public string? Error { get; init; }

        public string? IncompleteDetails { get; init; }

        public string? Instructions { get; init; }

        public IReadOnlyList<string> Tools { get; init; } = [];

        public string ToolChoice { get; init; } = "auto";

        public bool ParallelToolCalls { get; init; } = true;

        public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();

        public double? Temperature { get; init; }

        public double? TopP { get; init; }

        public int? MaxOutputTokens { get; init; }

        public string? PreviousResponseId { get; init; }

        public string? Conversation { get; init; }

        public bool Store { get; init; }

        public bool Background { get; init; }

        public TextFormat Text { get; init; } = new(new("text"));

        public string Truncation { get; init; } = "disabled";

        public Reasoning Reasoning { get; init; } = new(null, null);
    }

    public static Task<RunningServer> StartAsync(IChatClient model, string url = RunningServer.FreePort)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(url);
        builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower);
        var app = builder.Build();
        app.MapPost("/v1/chat/completions", async (HttpContext http, ChatBody body, CancellationToken ct) =>
        {
            ChatMessage[] messages = [.. body.Messages.Select(m => new ChatMessage(new ChatRole(m.Role), m.Content))];
            if (body.Stream) await StreamAsync(http, model, messages, body.Model, ct);
            else await http.Response.WriteAsJsonAsync(CreateChatAnswer(body.Model, await model.GetResponseAsync(messages, null, ct)), Json, ct);
        });
        app.MapPost("/v1/responses", async (HttpContext http, ResponseBody body, CancellationToken ct) =>
        {
            var answer = await model.GetResponseAsync([new(ChatRole.User, body.Input)], null, ct);
            await http.Response.WriteAsJsonAsync(CreateResponse(body.Model, answer), Json, ct);
        });
        NativeHandler.Map(app, model);
        return RunningServer.StartAsync(app);
    }

    private static async Task StreamAsync(HttpContext http, IChatClient model, ChatMessage[] messages, string name, CancellationToken cancellationToken)
    {
        http.Response.ContentType = "text/event-stream";
        var (id, created) = ($"chatcmpl-{Guid.NewGuid():N}", Now());
        string? role = "assistant";
        await foreach (var update in model.GetStreamingResponseAsync(messages, null, cancellationToken))
        {
            await WriteAsync(new Delta(role, update.Text), null);
            role = null;
        }

        await WriteAsync(new Delta(null, null), "stop");
        await http.Response.WriteAsync("data: [DONE]\n\n", cancellationToken);

        async Task WriteAsync(Delta delta, string? reason)
        {
            var chunk = new Chunk(id, "chat.completion.chunk", created, name, [new(0, delta, reason, null)]);
            await http.Response.WriteAsync($"data: {JsonSerializer.Serialize(chunk, Json)}\n\n", cancellationToken);
            await http.Response.Body.FlushAsync(cancellationToken);
        }
    }

    private static ChatAnswer CreateChatAnswer(string model, ChatResponse answer) => new(
        $"chatcmpl-{Guid.NewGuid():N}",
        "chat.completion",
        Now(),
        model,
        [new(0, new("assistant", answer.Text, null, []), answer.FinishReason?.Value ?? "stop", null)],
        new(answer.Usage?.InputTokenCount ?? 0, answer.Usage?.OutputTokenCount ?? 0, answer.Usage?.TotalTokenCount ?? 0));

    private static ResponseAnswer CreateResponse(string model, ChatResponse answer)
    {
        var item = new Item($"msg_{Guid.NewGuid():N}", "message", "completed", "assistant", [new("output_text", answer.Text, [], [])]);
        var (input, output) = (answer.Usage?.InputTokenCount ?? 0, answer.Usage?.OutputTokenCount ?? 0);
        return new($"resp_{Guid.NewGuid():N}", "response", Now(), "completed", model, [item], new(input, new(0), output, new(0), input + output));
    }

    private static long Now() => DateTimeOffset.UtcNow.ToUnixTimeSeconds();
}
