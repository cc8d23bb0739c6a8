using Microsoft.Extensions.AI;

namespace PluginHost.Engine.Chains.Model;

/// <summary>A generator of embeddings in the hands of a plugin. Thread-safe.</summary>
/// <param name="find">Finds the generator, on first use.</param>
/// <param name="model">The model's name; null for the generator's own.</param>
internal sealed class PluginEmbeddings(Func<IEmbeddingGenerator<string, Embedding<float>>> find, string? model)
    : IEmbeddingGenerator<string, Embedding<float>>
{
    private readonly Lazy<IEmbeddingGenerator<string, Embedding<float>>> _generator = new(find, LazyThreadSafetyMode.PublicationOnly);

    public async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        var adjusted = options?.Clone() ?? new EmbeddingGenerationOptions();
        adjusted.ModelId = model ?? adjusted.ModelId;
        using var call = new ModelCallScope(cancellationToken);
        return await call.AwaitAsync(new ValueTask<GeneratedEmbeddings<Embedding<float>>>(_generator.Value.GenerateAsync(values, adjusted, call.Token)));
    }

    /// <summary>Gives the model's metadata only: what else is around the generator is the host's.</summary>
    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceType == typeof(EmbeddingGeneratorMetadata) ? _generator.Value.GetService(serviceType, serviceKey)
        : serviceKey is null && serviceType.IsInstanceOfType(this) ? this : null;

    /// <summary>Does nothing: the generator belongs to its agent.</summary>
    public void Dispose()
    {
    }
}
