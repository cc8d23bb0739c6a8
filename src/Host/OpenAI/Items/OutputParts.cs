using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Messages;
using PluginHost.Engine.Sessions.Store;

namespace PluginHost.OpenAI.Items;

/// <summary>The parts of a tool's output, as the wire has them.</summary>
internal static class OutputParts
{
    /// <summary>Texts of a chat message as parts.</summary>
    public static JsonElement From(IEnumerable<AIContent> texts)
    {
        var parts = new JsonArray();
        foreach (var text in texts.OfType<TextContent>())
        {
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
