using Microsoft.Extensions.AI;
using PluginHost.Engine.Observation;

namespace PluginHost.Engine.Chains.Model;

/// <summary>Reports the calls of a generator of embeddings: their spans, their time and their tokens. Thread-safe.</summary>
/// <param name="generator">The generator, which a chat client gives as a service.</param>
/// <param name="model">The model's provider, address and name; null when they are not known.</param>
/// <param name="agent">The agent whose model it is.</param>
/// <param name="plugin">The source id of the plugin that asks.</param>
/// <param name="observer">Receives the reports.</param>
internal sealed class ObservedEmbeddings(
    IEmbeddingGenerator<string, Embedding<float>> generator, ChatClientMetadata? model, string agent, string plugin, HostObserver observer)
    : DelegatingEmbeddingGenerator<string, Embedding<float>>(generator)
{
    public override async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        var state = observer.BeginModelCall(new ObservedModelCall(ModelOperation.Embeddings, agent, model) { Plugin = plugin });
        if (state is null) return await base.GenerateAsync(values, options, cancellationToken);
        var (answer, error) = (default(ObservedModelAnswer), default(Exception));
        var isComplete = false;
        try
        {
            var embeddings = await base.GenerateAsync(values, options, cancellationToken);
            answer = new ObservedModelAnswer(null, embeddings.Count > 0 ? embeddings[0].ModelId : null, embeddings.Usage);
            isComplete = true;
            return embeddings;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            error = e;
            throw;
        }
        finally
        {
            observer.EndModelCall(state, answer, error, isComplete);
        }
    }
}
