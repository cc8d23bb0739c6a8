using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Http.Binding;
using PluginHost.OpenAI.Tools;

namespace PluginHost.OpenAI.Chat;

/// <summary>
/// The body of <c>POST /v1/chat/completions</c>. Each published parameter is used, passed to the model as it is, or refused by name.
/// </summary>
[Ignores(
    "user", "safety_identifier", "store", "service_tier", "prediction", "prompt_cache_key", "prompt_cache_retention", "prompt_cache_options", "verbosity",
    "logit_bias", "client_metadata")]
[Refuses("modalities", "[\"text\"]", Unless = ["[]", "[\"text\"]"])]
[Refuses("audio"), Refuses("moderation"), Refuses("web_search_options"), Refuses("functions", "tools"), Refuses("function_call", "tool_choice")]
internal sealed record ChatBody(
    [MinLength(1)] IReadOnlyList<ChatRequestMessage> Messages,
    string? Model = null,
    [Range(0, 2)] double? Temperature = null,
    [Range(0, 1)] double? TopP = null,
    [Range(-2, 2)] double? FrequencyPenalty = null,
    [Range(-2, 2)] double? PresencePenalty = null,
    [Range(1, int.MaxValue)] int? MaxCompletionTokens = null,
    [Range(-1, int.MaxValue)] int? MaxTokens = null,
    long? Seed = null,
    [Range(1, 128)] int N = 1,
    bool Logprobs = false,
    [Range(0, 20)] int? TopLogprobs = null,
    [OrText("strings")] IReadOnlyList<string>? Stop = null,
    [Effort] string? ReasoningEffort = null,
    [MaxLength(1024)] IReadOnlyList<IChatTool>? Tools = null,
    [OrText, AllowedText("none", "auto", "required")] ChatToolChoice? ToolChoice = null,
    bool? ParallelToolCalls = null,
    IChatFormat? ResponseFormat = null,
    bool Stream = false,
    StreamOptionsBody? StreamOptions = null,
    [Metadata] IReadOnlyDictionary<string, string>? Metadata = null) : ICheckedBody, IOpenBody
{
    public IReadOnlyDictionary<string, JsonElement>? Others { get; set; }

    public void Check(InputErrors errors)
    {
        errors.CheckUnique("tools", Tools?.Select(t => t?.Name));
        if (ToolChoice is { Word: "required" } && Tools is null or []) errors.Add("tool_choice", "There are no tools to choose from.", "tools beside it");
        if (MaxTokens == 0) errors.Add("max_tokens", "An answer of no tokens cannot be asked for.", "1 or more; -1 for no limit");
        if (TopLogprobs > 0 && !Logprobs) errors.Add("top_logprobs", "It needs logprobs.", "logprobs true beside it");
        ToolChoice?.Check(errors, ToolChoice is ChatCustomChoice ? "tool_choice.custom.name" : "tool_choice.function.name", Tools?.Select(t => t?.Name));
    }

    public void CheckHosted(HostedParts hosted, InputErrors errors)
    {
        for (var i = 0; i < (Tools?.Count ?? 0); i++)
        {
            if (Tools![i] is ChatHostedToolBody tool) hosted.CheckTool(tool.Type, InputErrors.Join(InputErrors.At("tools", i), "type"), "function, custom", errors);
        }

        if (hosted.TakesOtherParts) return;
        for (var i = 0; i < (Messages?.Count ?? 0); i++)
        {
            if (Messages![i] is UserMessage { Content: { } parts }) CheckParts(parts, InputErrors.Join(InputErrors.At("messages", i), "content"), errors);
            else if (Messages[i] is ToolMessage { Content: { } results }) CheckResults(results, InputErrors.Join(InputErrors.At("messages", i), "content"), errors);
        }
    }

    /// <summary>Images and files have a form in every interface.</summary>
    private static void CheckResults(IReadOnlyList<IResultPart> parts, string content, InputErrors errors)
    {
        for (var i = 0; i < parts.Count; i++)
        {
            if (parts[i] is ChatOtherPart { Type: not ("image_url" or "file") } other)
                errors.Add(InputErrors.Join(InputErrors.At(content, i), "type"), $"The agent's model takes no parts of the type '{other.Type}' in results.", "text, image_url, file; other types with Model:Client openai and chat completions");
        }
    }

    private static void CheckParts(IReadOnlyList<IUserPart> parts, string content, InputErrors errors)
    {
        for (var i = 0; i < parts.Count; i++)
        {
            var path = InputErrors.At(content, i);
            if (parts[i] is ChatOtherPart other)
                errors.Add(InputErrors.Join(path, "type"), $"The agent's model takes no parts of the type '{other.Type}'.", "text, image_url, input_audio, file; other types with Model:Client openai and chat completions");
            else if (parts[i] is ChatImagePart { ImageUrl.IsElsewhere: true })
                errors.Add(InputErrors.Join(path, "image_url.url"), "The agent's model takes no such address.", "an http or https address, or data:image/…;base64,…; others with Model:Client openai and chat completions");
            else if (parts[i] is ChatFilePart { File.Content: null })
                errors.Add(InputErrors.Join(path, "file.file_data"), "The agent's model takes no such file.", "data:application/pdf;base64,…; others with Model:Client openai and chat completions", InputErrors.Unsupported);
        }
    }

    public ChatOptions ToOptions()
    {
        var options = new ChatOptions
        {
            Temperature = (float?)Temperature,
            TopP = (float?)TopP,
            FrequencyPenalty = (float?)FrequencyPenalty,
            PresencePenalty = (float?)PresencePenalty,
            // For some servers -1 is no limit. The server gets what was sent.
            MaxOutputTokens = MaxCompletionTokens ?? (MaxTokens > 0 ? MaxTokens : null),
            Seed = Seed,
            StopSequences = Stop is { Count: > 0 } ? [.. Stop] : null,
            Reasoning = ReasoningEffort is null ? null : new ReasoningOptions { Effort = EffortAttribute.From(ReasoningEffort) },
            ToolMode = ToolChoice?.ToMode(),
            AllowMultipleToolCalls = ParallelToolCalls,
        };
        ResponseFormat?.ApplyTo(options);
        return options;
    }
}

[Ignores("include_obfuscation", "continuous_usage_stats")]
internal sealed record StreamOptionsBody(bool IncludeUsage = false);
