using System.Net.Http.Headers;
using System.Numerics.Tensors;
using System.Text.Json;
using System.Text.Json.Serialization;
using PluginHost.Sdk;
using PluginHost.Shared;

namespace PluginHost.Knowledge.Embeddings;

/// <summary>Makes vectors on a server with OpenAI's interface. Thread-safe.</summary>
internal sealed class EmbeddingClient
{
    private const int MaxAnswerBytes = 256 * 1024 * 1024;

    private readonly EmbeddingsOptions _options;
    private readonly Uri _address;
    private readonly KnowledgeMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly HttpClient _passages;
    private readonly HttpClient _queries;

    public EmbeddingClient(EmbeddingsOptions options, PluginContext context, KnowledgeMetrics metrics)
    {
        (_options, _metrics, _time) = (options, metrics, context.TimeProvider);
        _address = new Uri($"{options.Endpoint.ToString().TrimEnd('/')}/embeddings");
        _passages = CreateClient(new CallLimits(options.Limit, options.MaxRetries), context);
        // A run does not wait for a server that is busy.
        _queries = CreateClient(new CallLimits(options.Limit, MaxRetries: 0), context);
    }

    /// <summary>Names the model in the index. Vectors with different keys cannot be compared.</summary>
    public string ModelKey => $"{_options.Endpoint} {_options.Model} {_options.Dimensions}";

    public string Model => _options.Model;

    public int BatchSize => _options.BatchSize;

    /// <summary>Makes vectors of length one.</summary>
    /// <param name="texts">The texts.</param>
    /// <param name="isQuery">Whether a run waits for it.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="ModelException">The server refused, failed or sent what cannot be understood.</exception>
    public async Task<IReadOnlyList<float[]>> EmbedAsync(IReadOnlyList<string> texts, bool isQuery, CancellationToken cancellationToken)
    {
        // The limit of the connection is one of silence. A run does not wait for an answer that comes slowly either.
        using var limit = new CancellationTokenSource(isQuery ? _options.QueryLimit : Timeout.InfiniteTimeSpan, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, _address)
            {
                Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(new EmbeddingRequest(_options.Model, texts, _options.Dimensions), EmbeddingJson.Default.EmbeddingRequest)),
            };
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            if (_options.ApiKey is { } key) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key.Reveal());
            using var response = await (isQuery ? _queries : _passages).SendAsync(request, HttpCompletionOption.ResponseHeadersRead, both.Token);
            await response.Content.LoadIntoBufferAsync(MaxAnswerBytes, both.Token);
            var answer = await JsonSerializer.DeserializeAsync(await response.Content.ReadAsStreamAsync(cancellationToken), EmbeddingJson.Default.EmbeddingAnswer, cancellationToken);
            if (answer?.Usage?.TotalTokens is { } tokens) _metrics.CountTokens(tokens);
            return Sort(answer?.Data ?? [], texts.Count);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            _metrics.CountFailure();
            if (e is ModelException) throw;
            throw limit.IsCancellationRequested ? CreateTooSlow(e) : Invalid(e.Message, e);
        }
    }

    private HttpClient CreateClient(CallLimits limits, PluginContext context)
    {
        var failures = new ServerFailures(_options.Model, _options.Endpoint, limits.Timeout, _options.ApiKey is { } key ? [key] : [], context.TimeProvider)
        {
            Cures = new Dictionary<int, string>
            {
                [401] = "Check Embeddings:ApiKey.",
                [404] = "Check Embeddings:Endpoint and Embeddings:Model.",
                [429] = "Wait, or raise the account's limits.",
            },
        };
        return ServerConnections.CreateClient(context, limits, failures);
    }

    /// <summary>In the order of the texts. A server may send its vectors in any order, with their index.</summary>
    private float[][] Sort(IReadOnlyList<EmbeddingItem> items, int count)
    {
        var vectors = new float[]?[count];
        for (var i = 0; i < items.Count; i++)
        {
            var (index, vector) = (items[i].Index ?? i, items[i].Embedding);
            if (index < 0 || index >= count || vectors[index] is not null) throw Invalid("Its vectors do not belong to the texts.");
            if (vector is not { Length: > 0 }) throw Invalid("A vector is empty.");
            var length = TensorPrimitives.Norm<float>(vector);
            if (!float.IsFinite(length) || length == 0) throw Invalid("A vector has no length.");
            TensorPrimitives.Divide(vector, length, vector);
            vectors[index] = vector;
        }

        return Array.TrueForAll(vectors, static v => v is not null) ? vectors.OfType<float[]>().ToArray() : throw Invalid("It has fewer vectors than texts.");
    }

    private ModelException CreateTooSlow(Exception inner) =>
        new(ModelFailure.Timeout, $"The model '{_options.Model}' took longer than {_options.QueryLimit.TotalSeconds:0.#} s. Raise Embeddings:QueryTimeout to allow more time.", inner);

    private ModelException Invalid(string reason, Exception? inner = null) =>
        new(ModelFailure.Failed, $"The model '{_options.Model}' sent an answer that cannot be understood. {reason}", inner);
}

/// <summary>A request.</summary>
internal sealed record EmbeddingRequest(string Model, IReadOnlyList<string> Input, int? Dimensions);

/// <summary>An answer.</summary>
internal sealed record EmbeddingAnswer(IReadOnlyList<EmbeddingItem>? Data, EmbeddingUsage? Usage);

/// <summary>A vector with the place of its text.</summary>
internal sealed record EmbeddingItem(int? Index, float[]? Embedding);

/// <summary>What the server counted.</summary>
internal sealed record EmbeddingUsage(long? TotalTokens);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(EmbeddingRequest))]
[JsonSerializable(typeof(EmbeddingAnswer))]
internal sealed partial class EmbeddingJson : JsonSerializerContext;
