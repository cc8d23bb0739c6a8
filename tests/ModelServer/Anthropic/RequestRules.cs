using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace PluginHost.ModelServer.Anthropic;

/// <summary>What the server insists on, in its words.</summary>
internal static partial class RequestRules
{
    /// <summary>What the version of October 2026 has no more.</summary>
    private static readonly string[] Sampling = ["temperature", "top_p", "top_k"];

    /// <returns>What is wrong; null for nothing.</returns>
    public static string? Find(AnthropicRequest request, GivenThoughts given)
    {
        var body = request.Body;
        if (!request.Headers.TryGetValue("anthropic-version", out var version)) return "anthropic-version: header is required";
        if (version is not ("2023-06-01" or "2026-10-21")) return $"anthropic-version: \"{version}\" is not a valid version";
        if (version == "2026-10-21" && Sampling.FirstOrDefault(body.ContainsKey) is { } gone) return $"{gone}: Extra inputs are not permitted";
        if (body["max_tokens"] is not JsonValue max) return "max_tokens: Field required";
        if (request.Messages.Count == 0) return "messages: at least one message is required";
        var thinking = body["thinking"];
        var isOn = (string?)thinking?["type"] == "enabled";
        if (isOn && (int)thinking!["budget_tokens"]! < 1024) return "thinking.enabled.budget_tokens: Input should be greater than or equal to 1024";
        if (isOn && (int)thinking!["budget_tokens"]! >= (int)max) return "`max_tokens` must be greater than `thinking.budget_tokens`.";
        if (isOn && (string?)body["tool_choice"]?["type"] is "any" or "tool") return "Thinking may not be enabled when tool_choice forces tool use.";
        var marks = Objects(body).Count(o => o.ContainsKey("cache_control"));
        if (marks > 4) return $"A maximum of 4 blocks with cache_control may be provided. Found {marks}.";
        if (Objects(body).Any(o => o.ContainsKey("cache_control") && AsText(o["type"])?.EndsWith("thinking", StringComparison.Ordinal) == true))
            return "cache_control cannot be set for thinking blocks";
        if (body["tools"] is null && Objects(body).Any(o => AsText(o["type"]) == "tool_use")) return "Requests which include `tool_use` or `tool_result` blocks must define tools";
        return FindInMessages(request, given) ?? (isOn ? FindUnthought(request) : null);
    }

    private static string? FindInMessages(AnthropicRequest request, GivenThoughts given)
    {
        var open = new List<string>();
        for (var i = 0; i < request.Messages.Count; i++)
        {
            var role = (string)request.Messages[i]!["role"]!;
            if (role is not ("user" or "assistant")) return $"messages.{i}.role: Input should be 'user' or 'assistant'";
            if (i > 0 && role == (string)request.Messages[i - 1]!["role"]!) return "messages: roles must alternate between \"user\" and \"assistant\"";
            var blocks = request.Blocks(i);
            if (blocks.Count == 0) return $"messages.{i}: all messages must have non-empty content";
            var results = blocks.TakeWhile(b => (string)b!["type"]! == "tool_result").Select(b => (string)b!["tool_use_id"]!).ToList();
            if (open.Except(results).Any()) return $"messages.{i}: `tool_use` ids were found without `tool_result` blocks immediately after: {string.Join(", ", open.Except(results))}.";
            if (blocks.Count(b => (string)b!["type"]! == "tool_result") != results.Count || results.Except(open).Any()) return $"messages.{i}: unexpected `tool_use_id` found in `tool_result` blocks";
            open = [.. blocks.Where(b => (string)b!["type"]! == "tool_use").Select(b => (string)b!["id"]!)];
            for (var j = 0; j < blocks.Count; j++)
            {
                if (FindInBlock((JsonObject)blocks[j]!, $"messages.{i}.content.{j}", given) is { } wrong) return wrong;
            }
        }

        return open.Count > 0 ? "`tool_use` ids were found without `tool_result` blocks immediately after" : null;
    }

    private static string? FindInBlock(JsonObject block, string path, GivenThoughts given) => (string)block["type"]! switch
    {
        "text" when string.IsNullOrWhiteSpace((string?)block["text"]) => "messages: text content blocks must contain non-whitespace text",
        "tool_use" when !Id().IsMatch((string)block["id"]!) => $"{path}.tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'",
        "tool_use" when block["input"] is not JsonObject => $"{path}.tool_use.input: Input should be a valid dictionary",
        "thinking" or "redacted_thinking" => given.Find(block, path),
        _ => null,
    };

    /// <summary>Calls of the turn in progress need the thinking that came before them.</summary>
    private static string? FindUnthought(AnthropicRequest request)
    {
        for (var i = request.Messages.Count - 1; i >= 0; i--)
        {
            var types = request.Blocks(i).Select(b => (string)b!["type"]!).ToList();
            if ((string)request.Messages[i]!["role"]! == "assistant")
            {
                if (types.Contains("tool_use") && !types[0].EndsWith("thinking", StringComparison.Ordinal))
                    return $"messages.{i}.content.0.type: Expected `thinking` or `redacted_thinking`, but found `{types[0]}`.";
            }
            else if (!types.Contains("tool_result"))
            {
                return null;
            }
        }

        return null;
    }

    private static string? AsText(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    private static IEnumerable<JsonObject> Objects(JsonNode? node) => node switch
    {
        JsonObject found => found.SelectMany(m => Objects(m.Value)).Prepend(found),
        JsonArray list => list.SelectMany(Objects),
        _ => [],
    };

    [GeneratedRegex("^[a-zA-Z0-9_-]+$")]
    private static partial Regex Id();
}
