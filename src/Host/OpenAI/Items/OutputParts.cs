using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Messages;
using PluginHost.Engine.Sessions.Store;

namespace PluginHost.OpenAI.Items;

/// <summary>The parts of a tool's output, as the wire has them.</summary>
internal static class OutputParts
{
    /// <summary>Parts of a chat message: texts, and others as they were sent.</summary>
    public static JsonElement From(IEnumerable<(JsonElement? Sent, AIContent Content)> all)
    {
        var parts = new JsonArray();
        foreach (var (sent, content) in all)
        {
            if (sent is { } whole) parts.Add(JsonNode.Parse(whole.GetRawText(), documentOptions: JsonDepth.Documents));
            if (content is not TextContent text) continue;
            var part = new JsonObject { ["type"] = "text", ["text"] = text.Text };
            if (WireContent.GetMembers(text.AdditionalProperties) is { } members)
            {
                foreach (var member in members.EnumerateObject()) part[member.Name] = JsonNode.Parse(member.Value.GetRawText(), documentOptions: JsonDepth.Documents);
            }

            parts.Add(part);
        }

        return StateJson.Element(parts);
    }
}
