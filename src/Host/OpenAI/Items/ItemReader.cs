using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Http.Binding;
using PluginHost.OpenAI.Errors;
using PluginHost.OpenAI.Responses;
using PluginHost.OpenAI.Tools;

namespace PluginHost.OpenAI.Items;

/// <summary>Reads items: each becomes one message, so that each can be read and deleted by itself.</summary>
internal static class ItemReader
{
    private static readonly string[] Roles = ["user", "system", "developer", "assistant"];

    private const string Types = "message, function_call, function_call_output, reasoning, item_reference";

    /// <summary>A text, or a list of items.</summary>
    public static IReadOnlyList<InputItem> ReadInput(BodyReader body, string name, bool required)
    {
        if (!(required ? body.TryGetRequired(name, "string, or a list of items", out var input) : body.TryGet(name, out input))) return [];
        if (input.ValueKind == JsonValueKind.String) return [new InputItem(name) { Message = new ChatMessage(ChatRole.User, input.GetString()) }];
        if (input.ValueKind == JsonValueKind.Array) return BodyReader.ReadEach(input, name, Read, body.Errors);
        body.WrongType(name, input, "string, or a list of items");
        return [];
    }

    public static InputItem? Read(BodyReader item)
    {
        var type = item.Text("type") ?? (item.TryGet("role", out _) ? "message" : item.TryGet("id", out _) ? "item_reference" : null);
        item.Ignore("id", "status");
        switch (type)
        {
            case "message":
                return Create(item, ReadMessage(item));
            case "function_call":
                return Create(item, ReadCall(item));
            case "function_call_output":
                return Create(item, ReadOutput(item));
            case "reasoning":
                return Create(item, ReadReasoning(item));
            case "item_reference":
                var id = item.RequiredText("id");
                item.End();
                return new InputItem(item.PathOf("id")) { Reference = id };
            case null:
                item.Errors.Add(item.PathOf("type"), "The field is required.", Types, BodyReader.Missing);
                return null;
            default:
                item.Errors.AddUnsupported(item.PathOf("type"), Types);
                return null;
        }
    }

    private static InputItem? Create(BodyReader item, ChatMessage? message) =>
        message is null ? null : new InputItem(item.PathOf("content")) { Message = message };

    private static ChatMessage? ReadMessage(BodyReader item)
    {
        var role = item.RequiredOneOf("role", Roles);
        item.Ignore("phase");
        var contents = ItemContentReader.Read(item, "content");
        item.End();
        return role is null || contents is null ? null : new ChatMessage(new ChatRole(role), contents);
    }

    private static ChatMessage? ReadCall(BodyReader item)
    {
        var (id, name, text) = (NotEmpty(item, "call_id"), NotEmpty(item, "name"), item.RequiredText("arguments"));
        item.Ignore("namespace", "caller", "created_by");
        item.End();
        if (id is null || name is null || text is null) return null;
        if (FunctionArguments.TryRead(text, out var arguments)) return new ChatMessage(ChatRole.Assistant, [new FunctionCallContent(id, name, arguments)]);
        item.Errors.Add(item.PathOf("arguments"), "This is not a JSON object.", "the text of a JSON object");
        return null;
    }

    private static ChatMessage? ReadOutput(BodyReader item)
    {
        var id = NotEmpty(item, "call_id");
        var hasOutput = item.TryGetRequired("output", "string, or a list of parts", out var output);
        if (hasOutput && output.ValueKind is not (JsonValueKind.String or JsonValueKind.Array))
            item.WrongType(item.PathOf("output"), output, "string, or a list of parts");
        else if (hasOutput && output.ValueKind == JsonValueKind.Array)
            ItemContentReader.Read(item, "output");
        item.Ignore("namespace", "caller", "created_by", "name");
        item.End();
        if (id is null || !hasOutput) return null;
        // The model reads what the caller sent, in the form it was sent.
        object result = output.ValueKind == JsonValueKind.String ? output.GetString()! : output;
        return new ChatMessage(ChatRole.Tool, [new FunctionResultContent(id, result)]);
    }

    private static ChatMessage ReadReasoning(BodyReader item)
    {
        var texts = new List<string>();
        item.Each<object>("summary", ReadText);
        item.Each<object>("content", ReadText);
        var data = item.Text("encrypted_content");
        item.End();
        return new ChatMessage(ChatRole.Assistant, [new TextReasoningContent(string.Concat(texts)) { ProtectedData = data }]);

        object? ReadText(BodyReader part)
        {
            part.RequiredOneOf("type", ["summary_text", "reasoning_text"]);
            if (part.RequiredText("text") is { } text) texts.Add(text);
            part.End();
            return null;
        }
    }

    private static string? NotEmpty(BodyReader item, string name)
    {
        var text = item.RequiredText(name);
        if (text is not "") return text;
        item.Errors.Add(item.PathOf(name), "The value is empty.", "a string that is not empty");
        return null;
    }
}
