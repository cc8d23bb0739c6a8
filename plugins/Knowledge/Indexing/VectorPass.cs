using PluginHost.Knowledge.Embeddings;
using PluginHost.Knowledge.Storage;
using PluginHost.Sdk;

namespace PluginHost.Knowledge.Indexing;

/// <summary>Makes the vectors that passages of a folder lack. Each request is one transaction.</summary>
internal sealed class VectorPass(IndexedFolder folder, IndexDatabase database, EmbeddingClient client, PluginContext context)
{
    /// <summary>Services limit the tokens of a request, beside the number of its texts.</summary>
    private const int MaxBatchChars = 400_000;

    /// <param name="mayContinue">Asked before each request.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>Whether it came to the end.</returns>
    /// <exception cref="ModelException">The server refused or failed.</exception>
    public async Task<bool> ApplyAsync(Func<bool> mayContinue, CancellationToken cancellationToken)
    {
        var model = database.UseModel(client.ModelKey, context.TimeProvider.GetUtcNow());
        var count = 0;
        foreach (var scope in database.ListScopes(folder.Key).Values)
        {
            var after = 0L;
            while (mayContinue() && Fit(database.ListWithoutVector(scope, model, after, client.BatchSize)) is { Count: > 0 } batch)
            {
                database.SaveVectors(scope, model, await EmbedAsync(batch, cancellationToken));
                (after, count) = (batch[^1].Id, count + batch.Count);
            }
        }

        if (count > 0) Log.Embedded(context.Logger, count, folder.Template.Configured, client.Model);
        return mayContinue();
    }

    private static IReadOnlyList<(long Id, string Text)> Fit(IReadOnlyList<(long Id, string Text)> batch)
    {
        var (count, chars) = (0, 0);
        while (count < batch.Count && (count == 0 || chars + batch[count].Text.Length <= MaxBatchChars)) chars += batch[count++].Text.Length;
        return [.. batch.Take(count)];
    }

    /// <summary>A passage that the model does not take, for example because it is too long, must not keep the others from their vectors.</summary>
    private async Task<IReadOnlyList<(long Chunk, float[] Vector)>> EmbedAsync(IReadOnlyList<(long Id, string Text)> batch, CancellationToken cancellationToken)
    {
        try
        {
            var vectors = await client.EmbedAsync([.. batch.Select(b => b.Text)], isQuery: false, cancellationToken);
            return [.. batch.Select((b, i) => (b.Id, vectors[i]))];
        }
        catch (ModelException e) when (batch.Count > 1 && TextRefusals.MayTakeOthers(e))
        {
            var half = batch.Count / 2;
            return [.. await EmbedAsync([.. batch.Take(half)], cancellationToken), .. await EmbedAsync([.. batch.Skip(half)], cancellationToken)];
        }
        catch (ModelException e) when (TextRefusals.IsTooLong(e))
        {
            return [(batch[0].Id, [])];
        }
    }
}
