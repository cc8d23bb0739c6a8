using PluginHost.Sdk;

namespace PluginHost.Knowledge.Embeddings;

/// <summary>Makes vectors of queries. While the server fails, runs do not wait for it. Thread-safe.</summary>
internal sealed class QueryEmbeddings(EmbeddingClient client, PluginContext context)
{
    private const int MaxChars = 8000;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(30);

    private long _nextTry = long.MinValue;

    /// <returns>Null when there is none: the run goes by full text alone.</returns>
    public async Task<float[]?> EmbedAsync(string text, CancellationToken cancellationToken)
    {
        if (context.TimeProvider.GetTimestamp() < Volatile.Read(ref _nextTry)) return null;
        try
        {
            return (await client.EmbedAsync([text.Length <= MaxChars ? text : text[..MaxChars]], isQuery: true, cancellationToken))[0];
        }
        catch (ModelException e) when (TextRefusals.MayTakeOthers(e))
        {
            // The server refuses this text, for example because it is too long, and may take those of other runs.
            return null;
        }
        catch (ModelException e)
        {
            Volatile.Write(ref _nextTry, context.TimeProvider.GetTimestamp() + (long)(Pause.TotalSeconds * context.TimeProvider.TimestampFrequency));
            Log.QueryNotEmbedded(context.Logger, e.Details ?? e.Message, Pause.TotalSeconds);
            return null;
        }
    }
}
