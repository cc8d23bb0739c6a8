namespace PluginHost.OpenAI.Errors;

/// <summary>The paths at which OpenAI's clients read errors: everything below <c>/v1</c> that belongs to no other interface, with or without an endpoint.</summary>
internal static class OpenAIPaths
{
    private const string Base = "/v1";
    private const string Calls = "POST /v1/chat/completions, /v1/responses, /v1/conversations, /v1/embeddings, /v1/moderations, /v1/completions and GET /v1/models";

    private static readonly PathString[] OfOthers = ["/sessions", "/runs", "/approvals", "/users", "/agents", "/plugins", "/reload", "/traces", "/telemetry", "/generations", "/backup", "/messages", "/host", "/hosts", "/events", "/configuration", "/check"];

    /// <summary>What clients ask for when their base address lacks <c>/v1</c>.</summary>
    private static readonly PathString[] WithoutBase =
    [
        "/chat", "/responses", "/conversations", "/models", "/assistants", "/audio", "/batches", "/completions", "/embeddings", "/files",
        "/fine_tuning", "/images", "/moderations", "/realtime", "/threads", "/uploads", "/vector_stores",
    ];

    public static bool Contains(PathString path) => path.StartsWithSegments(Base, StringComparison.Ordinal, out var rest)
        ? rest.HasValue && rest != "/" && !IsAny(OfOthers, rest)
        : IsAny(WithoutBase, path);

    /// <summary>The parameter that has the input of a call.</summary>
    public static string InputOf(PathString path) => path.StartsWithSegments("/v1/chat", StringComparison.Ordinal) ? "messages" : "input";

    /// <summary>What to do instead of a call to a path without an endpoint.</summary>
    public static string DescribeMissing(PathString path) => path.StartsWithSegments(Base, StringComparison.Ordinal)
        ? $"The host has no {path}. It has {Calls}. Send other calls to the service that has them."
        : $"There is nothing at {path}. Set the client's base address to one that ends in {Base}, so that it calls {Base}{path}.";

    private static bool IsAny(PathString[] prefixes, PathString path) => Array.Exists(prefixes, p => path.StartsWithSegments(p, StringComparison.Ordinal));
}
