namespace PluginHost.Engine.Chains.Tokens;

/// <summary>What is published of a model.</summary>
/// <param name="Prefix">What its name begins with; the longest one that fits is taken.</param>
/// <param name="ContextTokens">How many tokens a request may have; of models with one limit for both, together with the answer.</param>
/// <param name="Encoding">How it encodes text; null when that is not published.</param>
internal sealed record KnownModel(string Prefix, int ContextTokens, TextEncoding? Encoding = null)
{
    /// <summary>
    /// Models whose name says how much they take, as published on 2026-11-29: https://platform.openai.com/docs/models,
    /// https://docs.anthropic.com/en/docs/about-claude/models, https://ai.google.dev/gemini-api/docs/models, https://api-docs.deepseek.com.
    /// Models that anyone may serve are not among them: what a server takes is a setting of that server.
    /// </summary>
    private static readonly KnownModel[] Table =
    [
        new("gpt-5", 272_000, TextEncoding.O200k),
        new("gpt-5-chat", 128_000, TextEncoding.O200k),
        new("gpt-4.1", 1_047_576, TextEncoding.O200k),
        new("gpt-4o", 128_000, TextEncoding.O200k),
        new("chatgpt-4o", 128_000, TextEncoding.O200k),
        new("o1", 200_000, TextEncoding.O200k),
        new("o1-mini", 128_000, TextEncoding.O200k),
        new("o1-preview", 128_000, TextEncoding.O200k),
        new("o3", 200_000, TextEncoding.O200k),
        new("o4-mini", 200_000, TextEncoding.O200k),
        new("gpt-4", 8_192, TextEncoding.Cl100k),
        new("gpt-4-32k", 32_768, TextEncoding.Cl100k),
        new("gpt-4-turbo", 128_000, TextEncoding.Cl100k),
        new("gpt-4-vision", 128_000, TextEncoding.Cl100k),
        new("gpt-4.5", 128_000, TextEncoding.O200k),
        new("gpt-4-1106", 128_000, TextEncoding.Cl100k),
        new("gpt-4-0125", 128_000, TextEncoding.Cl100k),
        new("gpt-3.5-turbo", 16_385, TextEncoding.Cl100k),
        new("gpt-3.5-turbo-instruct", 4_096, TextEncoding.Cl100k),
        new("claude-", 200_000),
        new("gemini-1.5", 1_048_576),
        new("gemini-2", 1_048_576),
        new("gemini-3", 1_048_576),
        new("deepseek-chat", 128_000),
        new("deepseek-reasoner", 128_000),
    ];

    /// <param name="model">The name, also with a vendor before it (<c>openai/gpt-4o</c>) or as a fine-tuned model (<c>ft:gpt-4o:…</c>).</param>
    /// <returns>Null when nothing is known of it.</returns>
    public static KnownModel? Find(string? model)
    {
        if (model is null) return null;
        var name = model.AsSpan(model.LastIndexOf('/') + 1);
        if (name.StartsWith("ft:", StringComparison.OrdinalIgnoreCase)) name = name[3..];
        KnownModel? best = null;
        foreach (var known in Table)
        {
            if (known.Prefix.Length > (best?.Prefix.Length ?? 0) && IsOf(name, known.Prefix)) best = known;
        }

        return best;
    }

    /// <summary>A longer word is another model: <c>o1</c> is not <c>o10</c>.</summary>
    private static bool IsOf(ReadOnlySpan<char> name, string prefix) => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)
        && (name.Length == prefix.Length || !char.IsLetterOrDigit(prefix[^1]) || !char.IsLetterOrDigit(name[prefix.Length]));
}
