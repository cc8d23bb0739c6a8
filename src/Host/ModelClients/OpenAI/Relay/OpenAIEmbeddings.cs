using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Messages;
using PluginHost.ModelClients.OpenAI.Chat;
using PluginHost.Sdk;

namespace PluginHost.ModelClients.OpenAI.Relay;

/// <summary>Makes embeddings on an agent's server, for plugins. Thread-safe.</summary>
internal sealed class OpenAIEmbeddings(OpenAIServer server) : IEmbeddingGenerator<string, Embedding<float>>
{
    private readonly EmbeddingGeneratorMetadata _metadata = new(server.Metadata.ProviderName, server.Metadata.ProviderUri, server.Metadata.DefaultModelId);

    /// <exception cref="ModelException">The server refused, failed or sent what cannot be understood.</exception>
    public async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        var texts = values as IReadOnlyList<string> ?? [.. values];
        if (texts.Count == 0) return [];
        var answer = await server.AskAsync("/embeddings", Write(texts, options), cancellationToken);
        var found = new Embedding<float>?[texts.Count];
        foreach (var (position, item) in answer.GetList("data").Index())
        {
            var index = item.GetCount("index") ?? position;
            if (index < 0 || index >= found.Length || found[index] is not null) throw server.CreateInvalid("its embeddings do not belong to the texts.");
            found[index] = new Embedding<float>(Read(item)) { ModelId = answer.GetText("model"), CreatedAt = null };
        }

        if (Array.IndexOf(found, null) >= 0) throw server.CreateInvalid("it has fewer embeddings than texts.");
        return new GeneratedEmbeddings<Embedding<float>>(found!)
        {
            Usage = answer.Get("usage") is { ValueKind: JsonValueKind.Object } usage ? ChatUsageReader.Read(usage) : null,
        };
    }

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is not null ? null : serviceType == typeof(EmbeddingGeneratorMetadata) ? _metadata : serviceType.IsInstanceOfType(this) ? this : null;

    /// <summary>Does nothing: the connections are shared.</summary>
    public void Dispose()
    {
    }

    private byte[] Write(IReadOnlyList<string> texts, EmbeddingGenerationOptions? options)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, CompactJson.Options))
        {
            json.WriteStartObject();
            json.WriteString("model", options?.ModelId ?? server.Metadata.DefaultModelId);
            json.WriteStartArray("input");
            foreach (var text in texts) json.WriteStringValue(text);
            json.WriteEndArray();
            if (options?.Dimensions is { } dimensions) json.WriteNumber("dimensions", dimensions);
            foreach (var (name, value) in options?.AdditionalProperties ?? [])
            {
                json.WritePropertyName(name);
                CompactJson.WriteValue(json, value);
            }

            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>A list of numbers, or their bytes as base64 when the options ask for that.</summary>
    private float[] Read(JsonElement item)
    {
        if (item.Get("embedding") is { ValueKind: JsonValueKind.Array } numbers && numbers.EnumerateArray().All(n => n.ValueKind == JsonValueKind.Number))
            return [.. numbers.EnumerateArray().Select(n => (float)n.GetDouble())];
        if (item.Get("embedding") is { ValueKind: JsonValueKind.String } text && text.TryGetBytesFromBase64(out var bytes) && bytes.Length % sizeof(float) == 0)
            return MemoryMarshal.Cast<byte, float>(bytes).ToArray();
        throw server.CreateInvalid("an embedding is neither a list of numbers nor base64.");
    }
}
