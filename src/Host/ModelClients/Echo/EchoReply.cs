using System.Text.Json;
using Microsoft.Extensions.AI;

namespace PluginHost.ModelClients.Echo;

/// <summary>What the echo client answers to one request: text, or calls of tools.</summary>
/// <param name="Text">The text; empty when tools are called.</param>
/// <param name="Calls">The calls; empty when text is answered.</param>
internal sealed record EchoReply(string Text, IReadOnlyList<FunctionCallContent> Calls)
{
    public static EchoReply To(IReadOnlyList<ChatMessage> messages, ChatOptions? options)
    {
        var last = LastUserMessage(messages);
        var earlier = messages.Take(Math.Max(last, 0)).Count(m => m.Role != ChatRole.System);
        var suffix = earlier == 1 ? " (1 earlier message)" : $" ({earlier} earlier messages)";
        if (last < 0) return Say("there is no user message", suffix);

        var results = Results(messages, last);
        if (results.Count > 0) return Say(string.Join("; ", results), suffix);

        var text = messages[last].Text;
        return text.Trim() switch
        {
            "show tools" => Say(Tools(options), suffix),
            "show instructions" => Say(Instructions(messages, options), suffix),
            _ => Calling(text, options, suffix) ?? Say(text.Length > 0 ? text : "a message without text", suffix),
        };
    }

    private static EchoReply Say(string text, string suffix) => new($"Echo: {text}{suffix}", []);

    private static int LastUserMessage(IReadOnlyList<ChatMessage> messages)
    {
        var index = messages.Count - 1;
        while (index >= 0 && messages[index].Role != ChatRole.User) index--;
        return index;
    }

    private static EchoReply? Calling(string text, ChatOptions? options, string suffix)
    {
        var tools = options?.Tools ?? [];
        if (tools.Count == 0 || options?.ToolMode is NoneChatToolMode) return null;
        var commands = EchoCommand.Parse(text);
        if (commands.Count == 0) return null;

        if (commands.FirstOrDefault(c => !tools.Any(t => t.Name == c.Tool)) is { } unknown)
            return Say($"there is no tool '{unknown.Tool}'; {Tools(options)}", suffix);
        if (commands.FirstOrDefault(c => c.Arguments is null) is { } broken)
            return Say($"the arguments of '{broken.Tool}' are not a JSON object; write: call {broken.Tool} {{\"name\": \"value\"}}", suffix);
        return new("", [.. commands.Select(c => new FunctionCallContent($"call_{Guid.NewGuid():N}", c.Tool, c.Arguments))]);
    }

    private static string Tools(ChatOptions? options) =>
        options?.Tools is { Count: > 0 } tools ? $"tools: {string.Join(", ", tools.Select(t => t.Name))}" : "no tools";

    private static string Instructions(IReadOnlyList<ChatMessage> messages, ChatOptions? options)
    {
        var system = messages.Where(m => m.Role == ChatRole.System).Select(m => m.Text);
        var all = string.Join('\n', system.Prepend(options?.Instructions).Where(t => !string.IsNullOrEmpty(t)));
        return all.Length > 0 ? all : "no instructions";
    }

    private static List<string> Results(IReadOnlyList<ChatMessage> messages, int last)
    {
        var contents = messages.Skip(last + 1).SelectMany(m => m.Contents).ToArray();
        var names = new Dictionary<string, string>();
        foreach (var call in contents.OfType<FunctionCallContent>()) names[call.CallId] = call.Name;
        return [.. contents.OfType<FunctionResultContent>().Select(r => $"{names.GetValueOrDefault(r.CallId, "a tool")} returned {Format(r)}")];
    }

    internal static string Format(FunctionResultContent result) => result.Result switch
    {
        null => result.Exception?.Message ?? "nothing",
        string text => text,
        JsonElement { ValueKind: JsonValueKind.String } json => json.GetString()!,
        JsonElement json => json.GetRawText(),
        var other => JsonSerializer.Serialize(other, AIJsonUtilities.DefaultOptions),
    };
}
