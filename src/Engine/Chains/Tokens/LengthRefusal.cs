using System.Globalization;
using System.Text.RegularExpressions;

namespace PluginHost.Engine.Chains.Tokens;

/// <summary>What a model's server says when it refuses a request as too long.</summary>
/// <param name="Limit">How many tokens it takes; null when it does not say.</param>
/// <param name="Sent">How many the request had; null when it does not say.</param>
internal sealed partial record LengthRefusal(long? Limit, long? Sent)
{
    private static readonly Regex[] Known = [Requested(), Exceeds(), Maximum(), Larger(), Available(), Holds(), Loaded(), AtMost(), Words()];

    /// <summary>Reads the messages of OpenAI, vLLM, llama.cpp, LM Studio, Ollama, Mistral, Anthropic, Gemini, xAI and TGI.</summary>
    /// <returns>Null when the message is about something else.</returns>
    public static LengthRefusal? Find(string? message)
    {
        if (message is null) return null;
        foreach (var known in Known)
        {
            if (known.Match(message) is { Success: true } match) return new LengthRefusal(Number(match, "limit"), Number(match, "sent"));
        }

        return null;
    }

    private static long? Number(Match match, string name) =>
        match.Groups[name] is { Success: true } group && long.TryParse(group.Value.Replace(",", "", StringComparison.Ordinal), CultureInfo.InvariantCulture, out var number) ? number : null;

    // OpenAI, DeepSeek and vLLM, when the answer counts too.
    [GeneratedRegex(@"maximum context length (?:is|of) (?<limit>[\d,]+) tokens.*?\((?<sent>[\d,]+) in the messages", RegexOptions.IgnoreCase | RegexOptions.Singleline, 1000)]
    private static partial Regex Requested();

    // OpenAI, vLLM, OpenRouter, Azure.
    [GeneratedRegex(@"(?:maximum|model's) (?:context|prompt|model) length (?:is|of) (?<limit>[\d,]+)(?:.*?(?:resulted in|requested(?: about)?|request has|request contains|contains) (?<sent>[\d,]+))?", RegexOptions.IgnoreCase | RegexOptions.Singleline, 1000)]
    private static partial Regex Maximum();

    // Anthropic.
    [GeneratedRegex(@"(?:prompt is too long|exceed context limit): (?<sent>[\d,]+)[^>]*? > (?<limit>[\d,]+)", RegexOptions.IgnoreCase, 1000)]
    private static partial Regex Larger();

    // llama.cpp.
    [GeneratedRegex(@"(?:\((?<sent>[\d,]+) tokens\) )?exceeds the available context size(?: \((?<limit>[\d,]+) tokens\))?", RegexOptions.IgnoreCase, 1000)]
    private static partial Regex Available();

    // Gemini, vLLM.
    [GeneratedRegex(@"(?:input token count|prompt) \((?:length )?(?<sent>[\d,]+)(?: tokens)?\) (?:exceeds the maximum number of tokens allowed|is longer than the maximum model length of|is too long and exceeds limit of) \(?(?<limit>[\d,]+)", RegexOptions.IgnoreCase, 1000)]
    private static partial Regex Exceeds();

    // Mistral.
    [GeneratedRegex(@"contains (?<sent>[\d,]+) tokens.*?too large for model with (?<limit>[\d,]+) maximum context length", RegexOptions.IgnoreCase, 1000)]
    private static partial Regex Holds();

    // LM Studio.
    [GeneratedRegex(@"keep the first (?<sent>[\d,]+) tokens.*?context length of only (?<limit>[\d,]+)", RegexOptions.IgnoreCase | RegexOptions.Singleline, 1000)]
    private static partial Regex Loaded();

    // TGI.
    [GeneratedRegex(@"must be <= (?<limit>[\d,]+)\. Given: (?<sent>[\d,]+)", RegexOptions.IgnoreCase, 1000)]
    private static partial Regex AtMost();

    // OpenAI's Responses, Ollama, Bedrock, LM Studio: no number.
    [GeneratedRegex(@"exceeds the context window|exceeds (?:the )?(?:maximum )?context length|input is too long|prompt is too long|greater than the context length|exceeds (?:the )?model's context|context_length_exceeded", RegexOptions.IgnoreCase, 1000)]
    private static partial Regex Words();
}
