using System.Buffers;
using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Messages;

namespace PluginHost.ModelClients.OpenAI.Responses;

/// <summary>Writes requests of <c>/responses</c>. Immutable.</summary>
internal sealed class ResponsesRequestWriter(string model, OpenAIOptions options)
{
    private readonly ContentOrigin _origin = new(options);
    private readonly ResponsesParameterWriter _parameters = new(options);

    /// <param name="messages">The messages.</param>
    /// <param name="chat">The options; null for none.</param>
    /// <param name="isStreamed">Whether events are to follow.</param>
    /// <param name="asksForEncrypted">Whether reasoning is to come encrypted, for a service that does not keep it.</param>
    public byte[] Write(IReadOnlyList<ChatMessage> messages, ChatOptions? chat, bool isStreamed, bool asksForEncrypted)
    {
        var buffer = new ArrayBufferWriter<byte>(4096);
        using (var json = new Utf8JsonWriter(buffer, CompactJson.Options))
        {
            json.WriteStartObject();
            json.WriteString("model", chat?.ModelId ?? model);
            WriteInput(json, messages, chat);
            WriteConversation(json, chat?.ConversationId);
            if (ResponsesClient.IsUnstored(chat)) json.WriteBoolean("store", false);
            _parameters.Write(json, chat ?? new ChatOptions(), asksForEncrypted);
            if (chat?.Tools is { Count: > 0 } tools) WriteTools(json, tools, chat);
            if (isStreamed) json.WriteBoolean("stream", true);
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Writes a request of <c>/responses/compact</c>, which has no tools and few parameters.</summary>
    public byte[] WriteCompaction(IReadOnlyList<ChatMessage> messages, ChatOptions chat)
    {
        var buffer = new ArrayBufferWriter<byte>(4096);
        using (var json = new Utf8JsonWriter(buffer, CompactJson.Options))
        {
            json.WriteStartObject();
            json.WriteString("model", chat.ModelId ?? model);
            WriteInput(json, [.. messages.Where(static m => !CompactionItem.IsTrigger(m))], chat);
            foreach (var (name, value) in SentParameters.Find(chat)?.Values ?? new Dictionary<string, JsonElement>())
            {
                if (options.Omits(name)) continue;
                json.WritePropertyName(name);
                value.WriteTo(json);
            }

            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>System messages that a caller sent stay messages; the text around them and other instructions have their own parameter.</summary>
    private void WriteInput(Utf8JsonWriter json, IReadOnlyList<ChatMessage> messages, ChatOptions? chat)
    {
        var sent = SentInstructions.Find(chat);
        var around = chat?.Instructions is { } text ? sent?.Split(text) : null;
        var instructions = around is var (before, after) ? string.Join('\n', new[] { before, after }.Where(t => t.Length > 0)) : chat?.Instructions;
        if (!string.IsNullOrEmpty(instructions)) json.WriteString("instructions", instructions);
        json.WriteStartArray("input");
        var writer = new ResponsesItemWriter(json, _origin);
        if (around is not null) writer.Write(sent!.Messages);
        writer.Write(messages);
        json.WriteEndArray();
    }

    private static void WriteConversation(Utf8JsonWriter json, string? id)
    {
        if (id is null) return;
        json.WriteString(id.StartsWith("conv_", StringComparison.Ordinal) ? "conversation" : "previous_response_id", id);
    }

    private void WriteTools(Utf8JsonWriter json, IList<AITool> tools, ChatOptions chat)
    {
        json.WriteStartArray("tools");
        foreach (var tool in tools)
        {
            if (ToolDeclaration.HostedOf(tool) is { } sent)
            {
                sent.WriteTo(json);
                continue;
            }

            json.WriteStartObject();
            if (ToolDeclaration.CustomOf(tool) is { } custom)
            {
                json.WriteString("type", "custom");
                json.WriteMembers(custom);
            }
            else if (tool is AIFunctionDeclaration function)
            {
                json.WriteString("type", "function");
                ToolDeclaration.Write(json, function, isStrictByDefault: true);
            }
            else
            {
                WriteHosted(json, tool);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
        if (!options.Omits("tool_choice")) WriteChoice(json, tools, chat);
    }

    private static void WriteChoice(Utf8JsonWriter json, IList<AITool> tools, ChatOptions chat)
    {
        var mode = chat.ToolMode;
        if (mode is null && chat.AdditionalProperties?.TryGetValue(WireTool.Choice, out var choice) == true && choice is JsonElement sent)
        {
            json.WritePropertyName("tool_choice");
            sent.WriteTo(json);
        }
        else if (mode is RequiredChatToolMode { RequiredFunctionName: { } name })
        {
            json.WriteStartObject("tool_choice");
            json.WriteString("type", tools.Any(t => t.Name == name && ToolDeclaration.CustomOf(t) is not null) ? "custom" : "function");
            json.WriteString("name", name);
            json.WriteEndObject();
        }
        else if (mode is not null)
        {
            json.WriteString("tool_choice", mode is RequiredChatToolMode ? "required" : mode is NoneChatToolMode ? "none" : "auto");
        }
    }

    /// <summary>A tool that the service runs, given by a plugin.</summary>
    private static void WriteHosted(Utf8JsonWriter json, AITool tool)
    {
        json.WriteString("type", tool is HostedCodeInterpreterTool ? "code_interpreter" : tool is HostedWebSearchTool ? "web_search" : tool.Name);
        if (tool is not HostedCodeInterpreterTool) return;
        json.WriteStartObject("container");
        json.WriteString("type", "auto");
        json.WriteEndObject();
    }
}
