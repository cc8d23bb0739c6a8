using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Messages;

namespace PluginHost.ModelClients.OpenAI.Responses;

/// <summary>
/// Writes messages as input items. Items have no ids: a service that does not keep them answers that it does not know them.
/// </summary>
internal sealed class ResponsesItemWriter(Utf8JsonWriter json, ContentOrigin origin)
{
    /// <summary>The places that texts of the message that is being written refer to.</summary>
    private readonly Dictionary<AIContent, JsonElement> _annotations = new(ReferenceEqualityComparer.Instance);

    /// <summary>The custom calls so far: a result in a chat message does not say that it answers one.</summary>
    private readonly HashSet<string> _customCalls = new(StringComparer.Ordinal);

    public void Write(IReadOnlyList<ChatMessage> messages)
    {
        foreach (var message in messages) Write(message);
    }

    private void Write(ChatMessage message)
    {
        var (open, reasoning) = (new List<AIContent>(), new List<TextReasoningContent>());
        foreach (var content in message.Contents)
        {
            if (content is TextReasoningContent part)
            {
                CloseMessage();
                reasoning.Add(part);
                // The encrypted state comes with the last part of an item.
                if (part.ProtectedData is { Length: > 0 }) CloseReasoning();
                continue;
            }

            if (WireItem.FindAnnotations(content) is { } annotations)
            {
                if (open.Count > 0) _annotations[open[^1]] = annotations;
                continue;
            }

            if (WireItem.Find(content) is { } item)
            {
                CloseReasoning();
                CloseMessage();
                if (origin.Accepts(content)) WriteWhole(item);
                continue;
            }

            if (ResponsesPartWriter.IsBoundary(content)) continue;
            CloseReasoning();
            if (ResponsesPartWriter.HasPart(content))
            {
                open.Add(content);
                continue;
            }

            CloseMessage();
            if (content is FunctionCallContent call) WriteCall(call);
            else if (content is FunctionResultContent result) WriteResult(result, message);
        }

        CloseReasoning();
        CloseMessage();

        void CloseMessage()
        {
            if (open.Count > 0) WriteMessage(message, open);
            open.Clear();
        }

        void CloseReasoning()
        {
            if (reasoning.Count > 0) WriteReasoning(reasoning);
            reasoning.Clear();
        }
    }

    private void WriteMessage(ChatMessage message, List<AIContent> contents)
    {
        var isAnswer = message.Role == ChatRole.Assistant;
        json.WriteStartObject();
        json.WriteString("type", "message");
        json.WriteString("role", message.Role == ChatRole.Tool ? "user" : message.Role.Value);
        var writer = new ResponsesPartWriter(json, isAnswer);
        if (contents is [TextContent text] && !isAnswer && WireContent.GetForm(text) is null && WireContent.GetMembers(text.AdditionalProperties) is null)
        {
            json.WriteString("content", text.Text);
        }
        else
        {
            json.WriteStartArray("content");
            foreach (var content in contents) writer.Write(content, _annotations.TryGetValue(content, out var annotations) ? annotations : null);
            json.WriteEndArray();
        }

        json.WriteMembers(WireContent.GetMembers(message.AdditionalProperties), "type", "id", "role", "content");
        if (WireContent.GetItem(contents[0]) is { } members && origin.Accepts(contents[0])) json.WriteMembers(members);
        json.WriteEndObject();
    }

    /// <summary>
    /// An item as the service gave it, or as the caller sent it. Its id is left out like all others, but for the question whether a call
    /// is allowed: the answer names it.
    /// </summary>
    private void WriteWhole(JsonElement item)
    {
        var isNamed = item.GetText("type")?.EndsWith("_approval_request", StringComparison.Ordinal) == true;
        json.WriteStartObject();
        foreach (var member in item.EnumerateObject().Where(m => isNamed || m.Name != "id")) member.WriteTo(json);
        json.WriteEndObject();
    }

    /// <summary>Without its encrypted state, or its text from the server that gave it, reasoning says nothing to the service.</summary>
    private void WriteReasoning(List<TextReasoningContent> parts)
    {
        var (encrypted, isContent) = (parts[^1].ProtectedData, WireContent.GetForm(parts[0]) == WireContent.ReasoningText);
        if (!parts.TrueForAll(origin.Accepts) || (string.IsNullOrEmpty(encrypted) && !isContent)) return;
        json.WriteStartObject();
        json.WriteString("type", "reasoning");
        json.WriteStartArray("summary");
        if (!isContent) WriteTexts(parts, "summary_text");
        json.WriteEndArray();
        if (isContent)
        {
            json.WriteStartArray("content");
            WriteTexts(parts, "reasoning_text");
            json.WriteEndArray();
        }

        if (!string.IsNullOrEmpty(encrypted)) json.WriteString("encrypted_content", encrypted);
        json.WriteMembers(WireContent.GetMembers(parts[^1].AdditionalProperties));
        json.WriteEndObject();
    }

    private void WriteTexts(List<TextReasoningContent> parts, string type)
    {
        foreach (var part in parts.Where(p => p.Text.Length > 0))
        {
            json.WriteStartObject();
            json.WriteString("type", type);
            json.WriteString("text", part.Text);
            json.WriteEndObject();
        }
    }

    private void WriteCall(FunctionCallContent call)
    {
        json.WriteStartObject();
        var isCustom = WireContent.IsCustom(call);
        if (isCustom) _customCalls.Add(call.CallId);
        json.WriteString("type", isCustom ? "custom_tool_call" : "function_call");
        json.WriteString("call_id", call.CallId);
        json.WriteString("name", call.Name);
        if (isCustom) json.WriteString("input", CallArguments.ToCustomInput(call));
        else json.WriteString("arguments", CallArguments.ToText(call));
        if (origin.Accepts(call)) json.WriteMembers(WireContent.GetMembers(call.AdditionalProperties), "type", "id", "call_id", "name", "arguments", "input");
        json.WriteEndObject();
    }

    private void WriteResult(FunctionResultContent result, ChatMessage message)
    {
        json.WriteStartObject();
        json.WriteString("type", WireContent.IsCustom(result) || _customCalls.Contains(result.CallId) ? "custom_tool_call_output" : "function_call_output");
        json.WriteString("call_id", result.CallId);
        json.WritePropertyName("output");
        if (ResultParts.Find(result) is { } parts) ResponsesPartWriter.WriteSent(json, parts);
        else json.WriteStringValue(ResultParts.ToText(result.Result));
        // Chat clients name the tool beside its result, which this interface refuses.
        json.WriteMembers(WireContent.GetMembers(message.AdditionalProperties), "type", "id", "call_id", "output", "name");
        json.WriteEndObject();
    }
}
