using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Http.Binding;
using PluginHost.OpenAI.Errors;
using PluginHost.OpenAI.Items;
using PluginHost.OpenAI.Tools;

namespace PluginHost.OpenAI.Chat;

/// <summary>Reads the messages of a request.</summary>
internal static class ChatMessageReader
{
    private static readonly string[] Roles = ["developer", "system", "user", "assistant", "tool"];

    public static ChatInput Read(BodyReader body)
    {
        var instructions = new List<string>();
        var messages = new List<ChatMessage>();
        var positions = new List<int>();
        if (body.TryGetRequired("messages", "a list of messages", out _))
        {
            var index = -1;
            // Each one is read for its effect: not every message becomes one of the run's input.
            body.Each("messages", object? (message) =>
            {
                index++;
                if (ReadMessage(message) is not { } read) return null;
                if (messages.Count == 0 && IsInstruction(read))
                {
                    instructions.Add(read.Text);
                }
                else if (read.Contents.Count > 0)
                {
                    messages.Add(read);
                    positions.Add(index);
                }

                return null;
            });
            if (index < 0 && body.Errors.Count == 0) body.Errors.Add("messages", "The list is empty.", "at least one message");
        }

        return new ChatInput(instructions.Count == 0 ? null : string.Join('\n', instructions), messages, positions);
    }

    private static bool IsInstruction(ChatMessage message) => message.Role == ChatRole.System || message.Role.Value == "developer";

    private static ChatMessage? ReadMessage(BodyReader message)
    {
        if (message.TryGet("role", out var role) && role.ValueKind == JsonValueKind.String && role.ValueEquals("function"))
        {
            message.Errors.AddUnsupported(message.PathOf("role"), "tool");
            return null;
        }

        var read = message.RequiredOneOf("role", Roles) switch
        {
            null => null,
            "assistant" => ReadAssistant(message),
            "tool" => ReadTool(message),
            "user" => With(ChatRole.User, message, ChatPartReader.ReadRequired(message, ChatPartReader.UserTypes)),
            var other => With(new ChatRole(other), message, ChatPartReader.ReadRequired(message, ChatPartReader.TextAlone)),
        };
        if (read is not null) message.End();
        return read;
    }

    private static ChatMessage With(ChatRole role, BodyReader message, List<AIContent> contents) =>
        new(role, contents) { AuthorName = message.Text("name") };

    /// <summary>An answer of an earlier request. One with nothing in it (a model may say nothing) is left out by the caller of this.</summary>
    private static ChatMessage ReadAssistant(BodyReader message)
    {
        var contents = ChatPartReader.Read(message, ChatPartReader.AssistantTypes);
        contents.RemoveAll(static c => c is TextContent { Text: "" });
        if (message.Text("refusal") is { } refusal) contents.Add(RefusalContent.Create(refusal));
        foreach (var call in message.Each("tool_calls", ReadCall) ?? []) contents.Add(call);
        message.Refuse("function_call", "tool_calls");
        message.Refuse("audio");
        // What answers of this and other servers have and requests need not.
        message.Ignore("annotations", "reasoning_content", "reasoning");
        return With(ChatRole.Assistant, message, contents);
    }

    private static ChatMessage ReadTool(BodyReader message)
    {
        var id = message.RequiredText("tool_call_id");
        var contents = ChatPartReader.ReadRequired(message, ChatPartReader.TextAlone);
        message.Ignore("name");
        var text = string.Concat(contents.OfType<TextContent>().Select(c => c.Text));
        return new ChatMessage(ChatRole.Tool, id is null ? [] : [new FunctionResultContent(id, text)]);
    }

    private static FunctionCallContent? ReadCall(BodyReader call)
    {
        var id = call.RequiredText("id");
        var type = call.Text("type");
        if (type is not null and not "function")
        {
            call.Errors.AddUnsupported(call.PathOf("type"), "function");
            return null;
        }

        var function = call.TryGetRequired("function", "object", out _) ? call.Nested("function") : null;
        call.Ignore("index");
        call.End();
        var name = function?.RequiredText("name");
        var text = function?.RequiredText("arguments");
        function?.End();
        if (id is null || name is null || text is null) return null;
        if (FunctionArguments.TryRead(text, out var arguments)) return new FunctionCallContent(id, name, arguments);
        call.Errors.Add(call.PathOf("function.arguments"), "The text is not a JSON object.", "the text of a JSON object");
        return null;
    }
}
