using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.AI;

namespace PluginHost.Benchmarks.OpenAI;

/// <summary>What is written in an afternoon: the same two endpoints that read the request, call the model and answer. No sessions, no errors.</summary>
internal static class BareServer
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    private sealed record Message(string Role, string Content);

    private sealed record ChatBody(string Model, IReadOnlyList<Message> Messages, bool Stream = false);

    private sealed record Choice(int Index, Message Message, string FinishReason);

    private sealed record ChatAnswer(string Id, string Object, long Created, string Model, IReadOnlyList<Choice> Choices);

    private sealed record Delta([property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Content);

    private sealed record ChunkChoice(int Index, Delta Delta, string? FinishReason);

    private sealed record Chunk(string Id, string Object, long Created, string Model, IReadOnlyList<ChunkChoice> Choices);

    private sealed record ResponseBody(string Model, string Input);

    private sealed record Part(string Type, string Text);

    private sealed record Item(string Id, string Type, string Status, string Role, IReadOnlyList<Part> Content);

    private sealed record ResponseAnswer(string Id, string Object, long CreatedAt, string Status, string Model, IReadOnlyList<Item> Output);

    public static Task<RunningServer> StartAsync(IChatClient model)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower);
        var app = builder.Build();
        app.MapPost("/v1/chat/completions", async (HttpContext http, ChatBody body, CancellationToken ct) =>
        {
            ChatMessage[] messages = [.. body.Messages.Select(m => new ChatMessage(new ChatRole(m.Role), m.Content))];
            if (body.Stream) await StreamAsync(http, model, messages, body.Model, ct);
            else await http.Response.WriteAsJsonAsync(Answer(body.Model, (await model.GetResponseAsync(messages, null, ct)).Text), Json, ct);
        });
        app.MapPost("/v1/responses", async (HttpContext http, ResponseBody body, CancellationToken ct) =>
        {
            var text = (await model.GetResponseAsync([new(ChatRole.User, body.Input)], null, ct)).Text;
            var item = new Item($"msg_{Guid.NewGuid():N}", "message", "completed", "assistant", [new("output_text", text)]);
            await http.Response.WriteAsJsonAsync(new ResponseAnswer($"resp_{Guid.NewGuid():N}", "response", Now(), "completed", body.Model, [item]), Json, ct);
        });
        return RunningServer.StartAsync(app);
    }

    private static async Task StreamAsync(HttpContext http, IChatClient model, ChatMessage[] messages, string name, CancellationToken cancellationToken)
    {
        http.Response.ContentType = "text/event-stream";
        var (id, created) = ($"chatcmpl-{Guid.NewGuid():N}", Now());
        await foreach (var update in model.GetStreamingResponseAsync(messages, null, cancellationToken))
            await WriteAsync(new Delta(update.Text), null);
        await WriteAsync(new Delta(null), "stop");
        await http.Response.WriteAsync("data: [DONE]\n\n", cancellationToken);

        async Task WriteAsync(Delta delta, string? reason)
        {
            var chunk = new Chunk(id, "chat.completion.chunk", created, name, [new(0, delta, reason)]);
            await http.Response.WriteAsync($"data: {JsonSerializer.Serialize(chunk, Json)}\n\n", cancellationToken);
            await http.Response.Body.FlushAsync(cancellationToken);
        }
    }

    private static ChatAnswer Answer(string model, string text) =>
        new($"chatcmpl-{Guid.NewGuid():N}", "chat.completion", Now(), model, [new(0, new("assistant", text), "stop")]);

    private static long Now() => DateTimeOffset.UtcNow.ToUnixTimeSeconds();
}
