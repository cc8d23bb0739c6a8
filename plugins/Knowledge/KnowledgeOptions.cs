using System.ComponentModel.DataAnnotations;
using PluginHost.Knowledge.Folders;
using PluginHost.Sdk;

namespace PluginHost.Knowledge;

/// <summary>How the model gets passages.</summary>
public enum KnowledgeMode
{
    /// <summary>The best passages for the caller's message are added before the model is called.</summary>
    Messages,

    /// <summary>The model gets the tool <c>search_documents</c> and decides itself.</summary>
    Tool,
}

/// <summary>Options of the <c>knowledge</c> plugin.</summary>
/// <param name="Folders">
/// The folders with documents; <c>{tenant}</c> as one part of a path is the tenant of the run. Relative paths are below the host's working directory.
/// </param>
/// <param name="Mode">How the model gets passages. Default: Messages.</param>
/// <param name="MaxChunks">How many passages the model gets at a time, 1 to 50. Default: 5.</param>
/// <param name="MaxChars">How many characters they may have together, 200 to 200,000. Default: 8000.</param>
/// <param name="ChunkChars">How long a passage may be, 200 to 10,000 characters. Default: 1200.</param>
/// <param name="OverlapChars">How much of a passage the next one of the same section repeats, up to half of <paramref name="ChunkChars"/>. Default: 150.</param>
/// <param name="MaxFileBytes">The size above which a file is skipped, 1024 to 1,000,000,000 bytes. Default: 20,000,000.</param>
/// <param name="Interval">How often the folders are looked at for changes, 1 second to 1 day. Default: 1 minute.</param>
/// <param name="Embeddings">A server for embeddings, so that passages are also found by meaning. Default: none, and no network.</param>
public sealed record KnowledgeOptions(
    [MinLength(1)] IReadOnlyList<string> Folders,
    KnowledgeMode Mode = KnowledgeMode.Messages,
    [Range(1, 50)] int MaxChunks = 5,
    [Range(200, 200_000)] int MaxChars = 8000,
    [Range(200, 10_000)] int ChunkChars = 1200,
    [Range(0, 5000)] int OverlapChars = 150,
    [Range(1024, 1_000_000_000)] int MaxFileBytes = 20_000_000,
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")] TimeSpan? Interval = null,
    EmbeddingsOptions? Embeddings = null) : IValidatableObject
{
    internal TimeSpan Pause => Interval ?? TimeSpan.FromMinutes(1);

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < Folders.Count; i++)
        {
            if (FolderTemplate.FindError(Folders[i]) is { } error) yield return new ValidationResult(error, [$"{nameof(Folders)}:{i}"]);
            else if (!seen.Add(Folders[i])) yield return new ValidationResult("Duplicate folder.", [$"{nameof(Folders)}:{i}"]);
            else if (FindTenantsIn(Folders[i]) is { } tenants)
                yield return new ValidationResult($"This folder contains the folders of '{tenants}', so each tenant would see the documents of all. Move shared documents to another folder.", [$"{nameof(Folders)}:{i}"]);
        }

        if (OverlapChars > ChunkChars / 2)
            yield return new ValidationResult($"Allowed: up to half of ChunkChars, {ChunkChars / 2}.", [nameof(OverlapChars)]);
        if (Embeddings?.FindError() is { } wrong) yield return wrong;
    }

    private string? FindTenantsIn(string path) => Folders.FirstOrDefault(f => FolderTemplate.FindError(f) is null && FolderTemplate.HoldsTenants(path, f));
}

/// <summary>A server with OpenAI's interface for embeddings.</summary>
/// <param name="Endpoint">The base address, which usually ends in <c>/v1</c>: <c>https://api.openai.com/v1</c>.</param>
/// <param name="Model">The model, for example <c>text-embedding-3-small</c>. Another model or endpoint makes the vectors anew.</param>
/// <param name="ApiKey">The key, sent as a bearer token. Default: none.</param>
/// <param name="Dimensions">How many numbers a vector has, 8 to 8192, for models that can shorten theirs. Default: the model's.</param>
/// <param name="BatchSize">How many passages one request has, 1 to 2048. Default: 64.</param>
/// <param name="Timeout">The time limit of a request for passages. Default: 1 minute.</param>
/// <param name="QueryTimeout">The time limit of a request for a query, 0.1 to 20 seconds; then the run goes by full text alone. Default: 2 seconds.</param>
/// <param name="MaxRetries">How often a request for passages is tried again after status 408, 429 or 5xx, or without an answer, 0 to 10. Default: 3.</param>
public sealed record EmbeddingsOptions(
    Uri Endpoint,
    [MinLength(1)] string Model,
    Secret? ApiKey = null,
    [Range(8, 8192)] int? Dimensions = null,
    [Range(1, 2048)] int BatchSize = 64,
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")] TimeSpan? Timeout = null,
    [Range(typeof(TimeSpan), "00:00:00.1", "00:00:20")] TimeSpan? QueryTimeout = null,
    [Range(0, 10)] int MaxRetries = 3)
{
    internal TimeSpan Limit => Timeout ?? TimeSpan.FromMinutes(1);

    internal TimeSpan QueryLimit => QueryTimeout ?? TimeSpan.FromSeconds(2);

    internal ValidationResult? FindError()
    {
        string[] place = [$"{nameof(KnowledgeOptions.Embeddings)}:{nameof(Endpoint)}"];
        if (!Endpoint.IsAbsoluteUri || Endpoint.Scheme is not ("http" or "https") || Endpoint.Query.Length + Endpoint.Fragment.Length > 0)
            return new ValidationResult("This is not the address of a web server. Write it with its scheme: https://api.openai.com/v1.", place);
        if (Endpoint.UserInfo.Length > 0) return new ValidationResult("User and password are not allowed in an address. Set the key in ApiKey.", place);
        return Endpoint.AbsolutePath.TrimEnd('/').EndsWith("/embeddings", StringComparison.Ordinal)
            ? new ValidationResult("Leave out /embeddings at the end: the plugin adds it.", place)
            : null;
    }
}
