using System.Buffers;
using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Messages;

namespace PluginHost.ModelClients.OpenAI.Chat;

/// <summary>Writes requests of <c>/chat/completions</c>. Immutable.</summary>
internal sealed class ChatRequestWriter(string model, OpenAIOptions options)
{
    private readonly ContentOrigin _origin = new(options);
    private readonly ChatParameterWriter _parameters = new(options);

    public byte[] Write(IEnumerable<ChatMessage> messages, ChatOptions? chat, bool isStreamed)
    {
        var buffer = new ArrayBufferWriter<byte>(4096);
        using (var json = new Utf8JsonWriter(buffer, CompactJson.Options))
        {
            json.WriteStartObject();
            json.WriteString("model", chat?.ModelId ?? model);
            json.WriteStartArray("messages");
            var writer = new ChatMessageWriter(json, _origin, options);
            foreach (var message in SentInstructions.ToMessages(chat)) writer.Write(message, withReasoning: true);
            WriteAll(writer, messages as IReadOnlyList<ChatMessage> ?? [.. messages]);
            json.WriteEndArray();
            _parameters.Write(json, chat ?? new ChatOptions());
            if (chat?.Tools is { Count: > 0 } tools) WriteTools(json, tools, chat.ToolMode);
            if (isStreamed) WriteStreaming(json);
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>
    /// Reasoning goes back in turns with calls, which servers require, and in the turn that is under way. Some servers refuse it in
    /// other turns, where few need it.
    /// </summary>
    private void WriteAll(ChatMessageWriter writer, IReadOnlyList<ChatMessage> messages)
    {
        for (var start = 0; start < messages.Count;)
        {
            var end = start + 1;
            while (end < messages.Count && messages[end].Role != ChatRole.User) end++;
            var withReasoning = options.KeepReasoning || end == messages.Count;
            for (var i = start; i < end && !withReasoning; i++) withReasoning = messages[i].Contents.Any(static c => c is FunctionCallContent);
            for (; start < end; start++) writer.Write(messages[start], withReasoning);
        }
    }

    /// <summary>OpenAI's servers have custom tools in chat completions; for others they are functions.</summary>
    private bool HasCustom => options.UsesNewNames;

    private void WriteTools(Utf8JsonWriter json, IList<AITool> tools, ChatToolMode? mode)
    {
        json.WriteStartArray("tools");
        foreach (var each in tools)
        {
            if (ToolDeclaration.HostedOf(each) is { } hosted) hosted.WriteTo(json);
            if (each is not AIFunctionDeclaration tool) continue;
            json.WriteStartObject();
            var custom = HasCustom ? ToolDeclaration.CustomOf(tool) : null;
            json.WriteString("type", custom is null ? "function" : "custom");
            json.WriteStartObject(custom is null ? "function" : "custom");
            if (custom is { } members) WriteCustom(json, members);
            else ToolDeclaration.Write(json, tool, isStrictByDefault: false);
            json.WriteEndObject();
            json.WriteMembers(ToolDeclaration.OuterOf(tool));
            json.WriteEndObject();
        }

        json.WriteEndArray();
        if (options.Omits("tool_choice")) return;
        if (mode is RequiredChatToolMode { RequiredFunctionName: { } name })
        {
            var type = HasCustom && tools.Any(t => t.Name == name && ToolDeclaration.CustomOf(t) is not null) ? "custom" : "function";
            json.WriteStartObject("tool_choice");
            json.WriteString("type", type);
            json.WriteStartObject(type);
            json.WriteString("name", name);
            json.WriteEndObject();
            json.WriteEndObject();
        }
        else if (mode is not null)
        {
            json.WriteString("tool_choice", mode is RequiredChatToolMode ? "required" : mode is NoneChatToolMode ? "none" : "auto");
        }
    }

    /// <summary>The grammar of a format is a member here.</summary>
    private static void WriteCustom(Utf8JsonWriter json, JsonElement members)
    {
        foreach (var member in members.EnumerateObject())
        {
            if (member.Name != "format" || member.Value.GetText("type") != "grammar")
            {
                member.WriteTo(json);
                continue;
            }

            json.WriteStartObject("format");
            json.WriteString("type", "grammar");
            json.WriteStartObject("grammar");
            foreach (var part in member.Value.EnumerateObject().Where(p => p.Name != "type")) part.WriteTo(json);
            json.WriteEndObject();
            json.WriteEndObject();
        }
    }

    private void WriteStreaming(Utf8JsonWriter json)
    {
        json.WriteBoolean("stream", true);
        if (options.Omits("stream_options")) return;
        json.WriteStartObject("stream_options");
        json.WriteBoolean("include_usage", true);
        json.WriteEndObject();
    }
}
