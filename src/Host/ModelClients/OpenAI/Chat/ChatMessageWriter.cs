using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Messages;

namespace PluginHost.ModelClients.OpenAI.Chat;

/// <summary>Writes the messages of one request.</summary>
internal sealed class ChatMessageWriter(Utf8JsonWriter json, ContentOrigin origin, OpenAIOptions options)
{
    /// <summary>What the host writes of a message, and of a call, itself.</summary>
    private static readonly string[] OfMessages = ["role", "content", "refusal", "tool_calls", "tool_call_id"], OfCalls = ["id", "type", "function", "custom"];

    private static readonly string[] OfMessagesAndAnswers = [.. OfMessages, .. WireAnswer.OfAnswers];

    private readonly ChatPartWriter _parts = new(json);

    /// <param name="message">The message. One with several results of tools becomes several messages.</param>
    /// <param name="withReasoning">Whether reasoning of the server goes back to it.</param>
    public void Write(ChatMessage message, bool withReasoning)
    {
        foreach (var result in message.Contents.OfType<FunctionResultContent>()) WriteResult(result, message);
        if (message.Role == ChatRole.Tool || message.Contents.All(static c => c is FunctionResultContent || WireItem.Is(c))) return;
        json.WriteStartObject();
        json.WriteString("role", RoleOf(message.Role));
        if (!string.IsNullOrEmpty(message.AuthorName)) json.WriteString("name", message.AuthorName);
        if (message.Role == ChatRole.Assistant) WriteAnswer(message, withReasoning);
        else _parts.WriteContent([.. message.Contents.Where(ChatPartWriter.HasPart)]);
        json.WriteMembers(WireContent.GetMembers(message.AdditionalProperties), OfMessages);
        json.WriteEndObject();
    }

    private string RoleOf(ChatRole role) => role.Value == "developer" && options.Dialect == OpenAIDialect.Compatible ? "system" : role.Value;

    private void WriteAnswer(ChatMessage message, bool withReasoning)
    {
        var reasoning = message.Contents.OfType<TextReasoningContent>().Where(r => IsSent(r, withReasoning)).ToList();
        var thinking = reasoning.FindAll(static r => WireContent.GetForm(r) == ChatDeltaReader.ThinkingPart);
        // In the order in which the server gave them.
        var texts = message.Contents.Where(c => c is TextContent or ErrorContent { ErrorCode: "Refusal" } || (c is TextReasoningContent part && thinking.Contains(part)) || (WireContent.GetPart(c) is not null && origin.Accepts(c))).ToList();
        var refusal = texts.OfType<ErrorContent>().ToList();
        var hasParts = texts.Any(ChatPartWriter.IsPart);
        if (!hasParts) texts.RemoveAll(static c => c is ErrorContent);
        if (texts.Count == 0 && message.Contents.Any(static c => WireContent.GetForm(c) == WireContent.Empty)) json.WriteString("content", "");
        else if (texts.Count == 0) json.WriteNull("content");
        else _parts.WriteContent(texts, isAnswer: true);
        if (refusal.Count > 0 && !hasParts) json.WriteString("refusal", string.Concat(refusal.Select(r => r.Message)));
        foreach (var form in reasoning.Except(thinking).GroupBy(static r => WireContent.GetForm(r)!, StringComparer.Ordinal))
            json.WriteString(form.Key, string.Concat(form.Select(r => ((TextReasoningContent)r).Text)));
        var calls = message.Contents.OfType<FunctionCallContent>().ToList();
        if (calls.Count > 0) WriteCalls(calls);
        foreach (var extra in message.Contents.Where(c => c.GetType() == typeof(AIContent) && origin.Accepts(c))) WriteBeside(extra);
    }

    /// <summary>What came beside an earlier answer goes back, but for what a request cannot have.</summary>
    private void WriteBeside(AIContent content) =>
        json.WriteMembers(WireContent.GetMembers(content.AdditionalProperties), OfMessagesAndAnswers);

    /// <summary>Reasoning of another interface has no form here. What the caller sent goes out as it was sent.</summary>
    private bool IsSent(TextReasoningContent reasoning, bool withReasoning) =>
        WireContent.GetForm(reasoning) is { } form and not WireContent.ReasoningText && origin.Accepts(reasoning)
        && (withReasoning || form == ChatDeltaReader.ThinkingPart || WireContent.GetOrigin(reasoning) is null);

    private void WriteCalls(List<FunctionCallContent> calls)
    {
        json.WriteStartArray("tool_calls");
        foreach (var call in calls)
        {
            json.WriteStartObject();
            json.WriteString("id", call.CallId);
            var isCustom = options.UsesNewNames && WireContent.IsCustom(call);
            json.WriteString("type", isCustom ? "custom" : "function");
            json.WriteStartObject(isCustom ? "custom" : "function");
            json.WriteString("name", call.Name);
            if (isCustom) json.WriteString("input", CallArguments.ToCustomInput(call));
            else json.WriteString("arguments", CallArguments.ToText(call));
            if (origin.Accepts(call)) json.WriteMembers(WireContent.GetInner(call));
            json.WriteEndObject();
            if (origin.Accepts(call)) json.WriteMembers(WireContent.GetMembers(call.AdditionalProperties), OfCalls);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private void WriteResult(FunctionResultContent result, ChatMessage message)
    {
        json.WriteStartObject();
        json.WriteString("role", "tool");
        json.WriteString("tool_call_id", result.CallId);
        if (ResultParts.Find(result) is { } parts) _parts.WriteSent(parts);
        else json.WriteString("content", ResultParts.ToText(result.Result));
        json.WriteMembers(WireContent.GetMembers(message.AdditionalProperties), OfMessages);
        json.WriteEndObject();
    }
}
