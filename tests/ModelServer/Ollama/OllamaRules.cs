using System.Text.Json.Nodes;

namespace PluginHost.ModelServer.Ollama;

/// <summary>What Ollama refuses, in its words, and a template that needs each result behind its call.</summary>
internal static class OllamaRules
{
    /// <summary>The models that the server has.</summary>
    private static readonly string[] Models = ["llama3.2", "gpt-oss"];

    /// <returns>The status and the error; no error when nothing is wrong.</returns>
    public static (int Status, string? Error) Find(JsonObject body, int maxChars)
    {
        var model = (string)body["model"]!;
        if (!Models.Contains(model)) return (404, $"model '{model}' not found");
        if (model == "llama3.2" && body["think"] is { } think && think.ToJsonString() != "false") return (400, "\"llama3.2\" does not support thinking");
        if (FindInMessages(body["messages"]!.AsArray()) is { } wrong) return (400, wrong);
        var length = body["messages"]!.ToJsonString().Length;
        if (length <= maxChars || (bool?)body["truncate"] != false) return (200, null);
        var inner = new JsonObject
        {
            ["code"] = 400,
            ["message"] = $"request ({length / 4} tokens) exceeds the available context size ({maxChars / 4} tokens), try increasing it",
            ["type"] = "exceed_context_size_error",
            ["n_prompt_tokens"] = length / 4,
            ["n_ctx"] = maxChars / 4,
        };
        return (400, new JsonObject { ["error"] = inner }.ToJsonString());
    }

    private static string? FindInMessages(JsonArray messages)
    {
        var open = new List<string>();
        foreach (var message in messages)
        {
            var role = (string?)message!["role"];
            if (role is not ("system" or "user" or "assistant" or "tool")) return $"invalid role: {role}, role must be one of [system, user, assistant, tool]";
            if (message["content"] is not JsonValue content || !content.TryGetValue<string>(out _)) return "json: cannot unmarshal array into Go struct field ChatRequest.messages.content of type string";
            if (role == "tool" && !open.Remove((string?)message["tool_call_id"] ?? "")) return "a result without its call";
            if (role != "tool" && open.Count > 0) return "a call without its result";
            foreach (var call in message["tool_calls"]?.AsArray() ?? [])
            {
                if (call!["function"]!["arguments"] is not JsonObject) return "json: cannot unmarshal string into Go struct field of type api.ToolCallFunctionArguments";
                open.Add((string)call["id"]!);
            }

            foreach (var image in message["images"]?.AsArray() ?? []) Convert.FromBase64String((string)image!);
        }

        return open.Count > 0 ? "a call without its result" : null;
    }
}
