using System.Text.Json;
using Microsoft.Extensions.AI;

namespace PluginHost.ModelClients.Echo;

/// <summary>The echo client's answer to one request: text or tool calls.</summary>
/// <param name="Text">The text; empty when there are calls.</param>
/// <param name="Calls">The calls; empty when there is text.</param>
internal sealed record EchoReply(string Text, IReadOnlyList<FunctionCallContent> Calls)
{
    public static EchoReply Create(IReadOnlyList<ChatMessage> messages, ChatOptions? options)
    {
        var last = FindLastUserMessage(messages);
        var earlier = messages.Take(Math.Max(last, 0)).Count(m => m.Role != ChatRole.System);
        var suffix = earlier == 1 ? " (1 earlier message)" : $" ({earlier} earlier messages)";
        if (last < 0) return CreateText("there is no user message", suffix);

        var results = DescribeResults(messages, last);
        if (results.Count > 0) return CreateText(string.Join("; ", results), suffix);

        var text = messages[last].Text;
        return text.Trim() switch
        {
            "show tools" => CreateText(DescribeTools(options), suffix),
            "show instructions" => CreateText(DescribeInstructions(messages, options), suffix),
            _ => TryCreateCalls(text, options, suffix) ?? CreateText(text.Length > 0 ? text : "a message without text", suffix),
        };
    }

    private static EchoReply CreateText(string text, string suffix) => new($"Echo: {text}{suffix}", []);

    private static int FindLastUserMessage(IReadOnlyList<ChatMessage> messages)
    {
        var index = messages.Count - 1;
        while (index >= 0 && messages[index].Role != ChatRole.User) index--;
        return index;
    }

    private static EchoReply? TryCreateCalls(string text, ChatOptions? options, string suffix)
    {
        var tools = options?.Tools ?? [];
        if (tools.Count == 0 || options?.ToolMode is NoneChatToolMode) return null;
        var commands = EchoCommand.Parse(text);
        if (commands.Count == 0) return null;

        if (commands.FirstOrDefault(c => !tools.Any(t => t.Name == c.Tool)) is { } unknown)
            return CreateText($"there is no tool '{unknown.Tool}'; {DescribeTools(options)}", suffix);
        if (commands.FirstOrDefault(c => c.Arguments is null) is { } invalid)
            return CreateText($"the arguments of '{invalid.Tool}' are not a JSON object; write: call {invalid.Tool} {{\"name\": \"value\"}}", suffix);
        return new("", [.. commands.Select(c => new FunctionCallContent($"call_{Guid.NewGuid():N}", c.Tool, c.Arguments))]);
    }

    private static string DescribeTools(ChatOptions? options) =>
        options?.Tools is { Count: > 0 } tools ? $"tools: {string.Join(", ", tools.Select(t => t.Name))}" : "no tools";

    private static string DescribeInstructions(IReadOnlyList<ChatMessage> messages, ChatOptions? options)
    {
        var system = messages.Where(m => m.Role == ChatRole.System).Select(m => m.Text);
        var all = string.Join('\n', system.Prepend(options?.Instructions).Where(t => !string.IsNullOrEmpty(t)));
        return all.Length > 0 ? all : "no instructions";
    }

    private static List<string> DescribeResults(IReadOnlyList<ChatMessage> messages, int last)
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
