using System.Globalization;
using Microsoft.Extensions.AI;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;

namespace PluginHost.Mcp.Tools;

/// <summary>Makes what a model gets of what a server returned, within a limit. Immutable.</summary>
/// <param name="maxChars">How many characters all parts of a result may have together; binary parts count in base64.</param>
internal sealed class ToolResults(int maxChars)
{
    private const int MaxParts = 1000;

    /// <returns>Text when there is nothing else, otherwise a list of contents.</returns>
    public object Convert(CallToolResult result)
    {
        var contents = result.Content.Count == 0 && result.StructuredContent is { } structured
            ? [new TextContent(structured.GetRawText())]
            : result.Content.Select(ToContent).ToList();
        var converted = Bound(contents);
        if (result.IsError != true) return converted;
        return converted is string text ? $"The tool failed: {text}" : (List<AIContent>)[new TextContent("The tool failed:"), .. (IEnumerable<AIContent>)converted];
    }

    /// <summary>The same for contents that are no result of a tool.</summary>
    public object Bound(IReadOnlyList<AIContent> contents)
    {
        var kept = new List<AIContent>(Math.Min(contents.Count, MaxParts + 1));
        var left = maxChars;
        foreach (var given in contents)
        {
            if (kept.Count == MaxParts)
            {
                kept.Add(new TextContent(string.Create(CultureInfo.InvariantCulture, $"[left out: {contents.Count - MaxParts} more parts]")));
                break;
            }

            // Other contents, such as calls, have no place in a result.
            var content = given is TextContent or DataContent ? given : new TextContent($"[a part of the type '{given.GetType().Name}']");
            var length = LengthOf(content);
            if (length <= left) kept.Add(content);
            else if (content is TextContent { Text: var text }) kept.Add(new TextContent(Cut(text, left)));
            else kept.Add(new TextContent(string.Create(CultureInfo.InvariantCulture, $"[left out: a part of {length} characters, the limit is {maxChars}]")));
            left = Math.Max(0, left - length);
        }

        return kept.TrueForAll(static c => c is TextContent) ? string.Join('\n', kept.Cast<TextContent>().Select(static c => c.Text)) : kept;
    }

    private string Cut(string text, int length)
    {
        if (length > 0 && char.IsHighSurrogate(text[length - 1])) length--;
        return string.Create(CultureInfo.InvariantCulture, $"{text.AsSpan(0, length)}\n[cut: {text.Length} characters, the limit of a result is {maxChars}]");
    }

    private static int LengthOf(AIContent content) => content switch
    {
        TextContent text => text.Text.Length,
        DataContent data => (data.Data.Length + 2) / 3 * 4,
        _ => 0,
    };

    private static AIContent ToContent(ContentBlock block) => block switch
    {
        TextContentBlock text => new TextContent(text.Text),
        EmbeddedResourceBlock { Resource: TextResourceContents text } => new TextContent(text.Text),
        ResourceLinkBlock link => new TextContent($"{link.Name}: {link.Uri}{(link.Description is null ? "" : $" ({link.Description})")}"),
        _ => block.ToAIContent() ?? new TextContent($"[a part of the type '{block.Type}']"),
    };
}
