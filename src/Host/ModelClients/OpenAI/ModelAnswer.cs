using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using PluginHost.Engine.Messages;

namespace PluginHost.ModelClients.OpenAI;

/// <summary>The answer of a model's server: one JSON document, or events.</summary>
internal sealed class ModelAnswer(HttpResponseMessage response) : IDisposable
{
    private static readonly JsonElement Nothing = JsonElement.Parse("null"u8);

    /// <summary>Whether events follow. Some servers and proxies answer a streaming request with a document.</summary>
    public bool HasEvents { get; } = response.Content.Headers.ContentType?.MediaType is not ("application/json" or "text/json");

    /// <summary>What the server says of its limits; null for nothing.</summary>
    public ModelLimits? Limits { get; } = LimitHeaders.Read(response.Headers);

    /// <summary>The media type of the body; null when the server does not say it.</summary>
    public string? MediaType { get; } = response.Content.Headers.ContentType?.MediaType;

    /// <summary>The body as bytes.</summary>
    public Task<Stream> OpenAsync(CancellationToken cancellationToken) => response.Content.ReadAsStreamAsync(cancellationToken);

    public async Task<JsonElement> ReadJsonAsync(CancellationToken cancellationToken)
    {
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        using var document = await JsonDocument.ParseAsync(body, cancellationToken: cancellationToken);
        return document.RootElement.Clone();
    }

    /// <summary>The data of each event; null for an event without data. The end mark is an undefined value, and the last one.</summary>
    public async IAsyncEnumerable<JsonElement> ReadEventsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        var parser = SseParser.Create(body, static (_, data) => data.IsEmpty ? Nothing : data.SequenceEqual("[DONE]"u8) ? default : JsonElement.Parse(data));
        await foreach (var item in parser.EnumerateAsync(cancellationToken))
        {
            yield return item.Data;
            // A proxy may keep the connection open behind it.
            if (item.Data.ValueKind == JsonValueKind.Undefined) yield break;
        }
    }

    public void Dispose() => response.Dispose();
}
