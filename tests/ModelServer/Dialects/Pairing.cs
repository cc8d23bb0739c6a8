using System.Text.Json.Nodes;

namespace PluginHost.ModelServer.Dialects;

/// <summary>What services check of calls and results, in the words of OpenAI's.</summary>
public static class Pairing
{
    /// <returns>Null when all is right.</returns>
    public static string? CheckMessages(IReadOnlyList<JsonObject> messages)
    {
        var open = new HashSet<string>();
        foreach (var message in messages)
        {
            if ((string?)message["role"] == "tool")
            {
                if (!open.Remove((string?)message["tool_call_id"] ?? "")) return "messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.";
                continue;
            }

            if (open.Count > 0) break;
            foreach (var call in message["tool_calls"]?.AsArray() ?? []) open.Add((string)call!["id"]!);
        }

        return open.Count == 0 ? null : $"An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. Missing: {string.Join(", ", open)}";
    }

    public static string? CheckItems(IReadOnlyList<JsonObject> items)
    {
        var open = new HashSet<string>();
        foreach (var item in items)
        {
            if ((string?)item["call_id"] is not { } id) continue;
            if (((string)item["type"]!).EndsWith("_output", StringComparison.Ordinal) ? !open.Remove(id) : !open.Add(id))
                return $"No tool call found for function call output with call_id {id}.";
        }

        return open.Count == 0 ? null : $"No tool output found for function call {string.Join(", ", open)}.";
    }
}
