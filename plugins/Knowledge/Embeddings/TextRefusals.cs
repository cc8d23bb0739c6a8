using PluginHost.Sdk;

namespace PluginHost.Knowledge.Embeddings;

/// <summary>Tells a text that the server does not take from a server that takes none.</summary>
internal static class TextRefusals
{
    /// <summary>Whether the server may take other texts.</summary>
    public static bool MayTakeOthers(ModelException e) => e.Status is 400 or 413 or 422 || IsTooLong(e);

    /// <summary>A server that refuses every text is configured wrongly; one that refuses one text of this length need not be.</summary>
    public static bool IsTooLong(ModelException e) =>
        e.Status == 413
        || e.Failure == ModelFailure.ContextLength
        || e.Message.Contains("length", StringComparison.OrdinalIgnoreCase)
        || e.Message.Contains("too long", StringComparison.OrdinalIgnoreCase)
        // llama.cpp, with status 500.
        || e.Message.Contains("too large", StringComparison.OrdinalIgnoreCase);
}
