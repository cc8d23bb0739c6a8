using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Http.Binding;
using PluginHost.OpenAI.Errors;
using PluginHost.OpenAI.Responses;

namespace PluginHost.OpenAI.Chat;

/// <summary>Reads the body of a chat completion: each parameter is taken, refused by name, or known to change nothing.</summary>
internal static class ChatRequestReader
{
    public static ChatRequest Read(JsonElement json, InputErrors errors)
    {
        var body = new BodyReader(json, "", errors);
        var tools = ChatToolReader.ReadTools(body);
        var request = new ChatRequest
        {
            Model = body.Text("model"),
            Input = ChatMessageReader.Read(body),
            Options = ReadOptions(body, tools),
            Tools = tools,
            Stream = body.Flag("stream") ?? false,
            IncludeUsage = body.Nested("stream_options") is { } options && ReadIncludeUsage(options),
            Metadata = MetadataReader.Read(body, "metadata"),
        };
        RefuseOthers(body);
        body.Ignore(
            "user", "safety_identifier", "store", "service_tier", "prediction", "prompt_cache_key", "prompt_cache_retention", "prompt_cache_options");
        body.End();
        return request;
    }

    private static ChatOptions ReadOptions(BodyReader body, IReadOnlyList<AITool> tools)
    {
        var newer = body.Integer("max_completion_tokens", 1, int.MaxValue);
        var older = body.Integer("max_tokens", 1, int.MaxValue);
        var options = new ChatOptions
        {
            Temperature = (float?)body.Number("temperature", 0, 2),
            TopP = (float?)body.Number("top_p", 0, 1),
            FrequencyPenalty = (float?)body.Number("frequency_penalty", -2, 2),
            PresencePenalty = (float?)body.Number("presence_penalty", -2, 2),
            MaxOutputTokens = newer ?? older,
            Seed = body.Long("seed"),
            StopSequences = ReadStop(body),
            Reasoning = ReasoningReader.ReadEffort(body, "reasoning_effort") is { } effort ? new ReasoningOptions { Effort = effort } : null,
            ToolMode = ChatToolReader.ReadChoice(body, tools),
            AllowMultipleToolCalls = body.Flag("parallel_tool_calls"),
        };
        ChatFormatReader.Read(body, options);
        return options;
    }

    private static bool ReadIncludeUsage(BodyReader options)
    {
        var include = options.Flag("include_usage");
        // Padding against an attack on encrypted streams; a stream without it is the same stream.
        options.Ignore("include_obfuscation");
        options.End();
        return include ?? false;
    }

    private static List<string>? ReadStop(BodyReader body)
    {
        const string Allowed = "a string or a list of 1 to 4 strings";
        if (!body.TryGet("stop", out var value)) return null;
        if (value.ValueKind == JsonValueKind.String) return [value.GetString()!];
        if (value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(s => s.ValueKind == JsonValueKind.String))
        {
            var all = value.EnumerateArray().Select(s => s.GetString()!).ToList();
            if (all.Count <= 4) return all.Count == 0 ? null : all;
            body.Errors.Add("stop", $"There are {all.Count} sequences.", Allowed);
            return null;
        }

        body.WrongType("stop", value, Allowed);
        return null;
    }

    /// <summary>Ignoring one of these would change the answer.</summary>
    private static void RefuseOthers(BodyReader body)
    {
        body.RefuseUnless("n", v => v.ValueKind == JsonValueKind.Number && v.TryGetInt32(out var n) && n == 1, "1");
        body.RefuseUnless("logprobs", v => v.ValueKind == JsonValueKind.False, "false");
        body.RefuseUnless("top_logprobs", v => v.ValueKind == JsonValueKind.Number && v.TryGetInt32(out var n) && n == 0, "0");
        body.RefuseUnless("logit_bias", v => v.ValueKind == JsonValueKind.Object && !v.EnumerateObject().Any(), "{}");
        body.RefuseUnless("modalities", IsTextAlone, "[\"text\"]");
        body.RefuseUnless("verbosity", v => v.ValueKind == JsonValueKind.String && v.ValueEquals("medium"), "medium, and instructions that ask for more or less");
        body.Refuse("audio");
        body.Refuse("moderation");
        body.Refuse("web_search_options");
        body.Refuse("functions", "tools");
        body.Refuse("function_call", "tool_choice");
    }

    private static bool IsTextAlone(JsonElement value) =>
        value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(m => m.ValueKind == JsonValueKind.String && m.ValueEquals("text"));
}
