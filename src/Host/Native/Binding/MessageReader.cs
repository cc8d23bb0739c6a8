using System.Text.Json;
using PluginHost.Http.Binding;
using PluginHost.Native.Resources;

namespace PluginHost.Native.Binding;

/// <summary>Reads messages, and checks that each part stands in a message whose role it fits.</summary>
internal static class MessageReader
{
    /// <summary>A run's input: text of the user, or a list of messages.</summary>
    public static IReadOnlyList<MessageBody> ReadInput(BodyReader body, string name, int most)
    {
        if (!body.TryGetRequired(name, "a string or a list of messages", out var value)) return [];
        if (value.ValueKind == JsonValueKind.Array) return ReadList(body, name, most);
        if (value.ValueKind != JsonValueKind.String)
        {
            body.WrongType(body.PathOf(name), value, "a string or a list of messages");
            return [];
        }

        var text = value.GetString()!;
        if (string.IsNullOrWhiteSpace(text)) Empty(body, name);
        return [new MessageBody("user", [new TextPart(text)])];
    }

    /// <summary>A list of at least one message.</summary>
    public static IReadOnlyList<MessageBody> ReadList(BodyReader body, string name, int most)
    {
        if (!body.TryGet(name, out var value)) return [];
        if (value.ValueKind == JsonValueKind.Array && value.GetArrayLength() is var count && (count == 0 || count > most))
        {
            if (count == 0) Empty(body, name);
            else body.Errors.Add(body.PathOf(name), $"There are {count} messages.", $"1 to {most} messages");
            return [];
        }

        return body.Each(name, Read) ?? [];
    }

    private static MessageBody? Read(BodyReader message)
    {
        var id = message.Id("id");
        var role = message.RequiredOneOf("role", MessageJson.Roles);
        var author = message.Text("author");
        var before = message.Errors.Count;
        var content = ReadContent(message);
        var created = message.Time("created_at");
        message.TryGet("source", out _);
        message.TryGet("run_id", out _);
        message.TryGet("outcome", out _);
        message.End();
        if (role is null || content is null) return null;
        if (message.Errors.Count == before) CheckRole(message, role, content);
        return new MessageBody(role, content) { Id = id, Author = author, CreatedAt = created };
    }

    private static List<ContentPart>? ReadContent(BodyReader message)
    {
        const string Allowed = "a string or a list of parts";
        if (!message.TryGetRequired("content", Allowed, out var value)) return null;
        if (value.ValueKind == JsonValueKind.String) return [new TextPart(value.GetString()!)];
        if (value.ValueKind == JsonValueKind.Array)
            return BodyReader.ReadEach(value, message.PathOf("content"), ContentReader.Read, message.Errors);
        message.WrongType(message.PathOf("content"), value, Allowed);
        return null;
    }

    private static void CheckRole(BodyReader message, string role, List<ContentPart> content)
    {
        if (role == "tool")
        {
            if (content.Count > 0 && content.All(p => p is FunctionResultPart)) return;
            const string Why = "A message of the role tool holds results of tools, and nothing else.";
            message.Errors.Add(message.PathOf("content"), Why, "parts of the type function_result");
            return;
        }

        Refuse<FunctionResultPart>(message, content, "A result of a tool stands in a message of the role tool.");
        if (role == "assistant") return;
        Refuse<FunctionCallPart>(message, content, "A call of a tool stands in a message of the role assistant.");
        if (content.All(p => p is TextPart text && string.IsNullOrWhiteSpace(text.Text))) Empty(message, "content");
    }

    private static void Refuse<T>(BodyReader message, List<ContentPart> content, string why)
    {
        for (var i = 0; i < content.Count; i++)
        {
            if (content[i] is T) message.Errors.Add(InputErrors.At(message.PathOf("content"), i) + ".type", why);
        }
    }

    private static void Empty(BodyReader body, string name) =>
        body.Errors.Add(body.PathOf(name), "There is nothing in it.", "text that is not blank, or at least one message or part");
}
