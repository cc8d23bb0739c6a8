using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Messages;

namespace PluginHost.ModelClients.OpenAI.Chat;

/// <summary>Reads the message of a chat completion from its deltas; a whole message is one delta.</summary>
internal sealed class ChatDeltaReader(ContentOrigin origin, IReadOnlySet<string> customTools)
{
    /// <summary>The members that servers use for the text of reasoning.</summary>
    public static readonly string[] ReasoningMembers = ["reasoning_content", "reasoning"];

    /// <summary>The form of reasoning in a part of the content, as Mistral sends it.</summary>
    public const string ThinkingPart = "thinking";

    /// <summary>What has a type, or says nothing that a later request would need.</summary>
    private static readonly HashSet<string> Known =
        ["role", "content", "refusal", "tool_calls", "function_call", "name", "index", .. ReasoningMembers];

    private readonly ToolCallReader _calls = new();
    private JsonObject? _members;
    private bool _hasReasoning;

    /// <summary>The contents of a delta but its calls, which are complete only at the end.</summary>
    public List<AIContent> Read(JsonElement delta)
    {
        var contents = new List<AIContent>();
        ReadReasoning(delta, contents);
        if (delta.Get("content") is { } content) ReadContent(content, contents);
        if (delta.GetText("refusal") is { Length: > 0 } refusal) contents.Add(new ErrorContent(refusal) { ErrorCode = "Refusal" });
        foreach (var call in delta.GetList("tool_calls")) _calls.Add(call);
        if (delta.Others(Known) is { } others) AddMembers(others);
        return contents;
    }

    public List<AIContent> End()
    {
        List<AIContent> contents = [.. _calls.End().Select(c => origin.Mark(customTools.Contains(c.Name) ? WireContent.AsCustom(c) : c))];
        if (_members is not null) contents.Add(origin.Mark(WireContent.WithMembers(new AIContent(), JsonSerializer.SerializeToElement(_members))));
        return contents;
    }

    private void ReadReasoning(JsonElement delta, List<AIContent> contents)
    {
        foreach (var name in ReasoningMembers)
        {
            if (delta.GetText(name) is not { } text) continue;
            // An empty beginning is kept: some servers refuse a call without the member.
            if (text.Length > 0 || !_hasReasoning) contents.Add(Reasoning(text, name));
            _hasReasoning = true;
            return;
        }
    }

    private void ReadContent(JsonElement content, List<AIContent> contents)
    {
        if (content.ValueKind == JsonValueKind.String)
        {
            if (content.GetString() is { Length: > 0 } text) contents.Add(new TextContent(text));
            return;
        }

        if (content.ValueKind != JsonValueKind.Array) return;
        foreach (var part in content.EnumerateArray())
        {
            if (part.GetText("type") == "thinking") contents.Add(Reasoning(string.Concat(part.GetList("thinking").Select(t => t.GetText("text"))), ThinkingPart));
            else if (part.GetText("text") is { Length: > 0 } text) contents.Add(new TextContent(text));
            else if (part.GetText("type") is not (null or "text")) contents.Add(origin.Mark(WireContent.FromPart(part)));
        }
    }

    private TextReasoningContent Reasoning(string text, string form) => origin.Mark(WireContent.WithForm(new TextReasoningContent(text), form));

    private void AddMembers(JsonElement others)
    {
        _members ??= [];
        foreach (var member in others.EnumerateObject())
        {
            // Lists, such as reasoning_details, come in pieces.
            if (_members[member.Name] is JsonArray list && member.Value.ValueKind == JsonValueKind.Array)
            {
                foreach (var item in member.Value.EnumerateArray()) list.Add(JsonNode.Parse(item.GetRawText()));
            }
            else
            {
                _members[member.Name] = JsonNode.Parse(member.Value.GetRawText());
            }
        }
    }
}
