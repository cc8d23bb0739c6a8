using System.Text.Json.Nodes;

namespace PluginHost.EndToEnd.Running;

/// <summary>A message of a session's history as the API lists it.</summary>
/// <param name="Role">The role of its author.</param>
/// <param name="Text">Its text. Empty for tool calls and tool results.</param>
/// <param name="Run">The id of its run.</param>
internal sealed record StoredMessage(string Role, string Text, string Run)
{
    public static StoredMessage From(JsonNode json) => new(
        (string)json["role"]!,
        string.Concat(json["content"]!.AsArray().Where(c => (string)c!["type"]! == "text").Select(c => (string)c!["text"]!)),
        (string)json["run_id"]!);
}
