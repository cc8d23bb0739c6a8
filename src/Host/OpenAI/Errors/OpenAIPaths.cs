namespace PluginHost.OpenAI.Errors;

/// <summary>The paths that OpenAI's clients call, with or without an endpoint of the host.</summary>
internal static class OpenAIPaths
{
    private static readonly PathString[] All =
    [
        "/v1/chat", "/v1/responses", "/v1/conversations", "/v1/models",
        "/v1/assistants", "/v1/audio", "/v1/batches", "/v1/completions", "/v1/embeddings", "/v1/files", "/v1/fine_tuning",
        "/v1/images", "/v1/moderations", "/v1/realtime", "/v1/threads", "/v1/uploads", "/v1/vector_stores",
    ];

    public static bool Contains(PathString path) => Array.Exists(All, p => path.StartsWithSegments(p, StringComparison.Ordinal));
}
