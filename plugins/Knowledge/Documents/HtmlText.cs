using System.Globalization;
using AngleSharp.Dom;
using AngleSharp.Html.Parser;

namespace PluginHost.Knowledge.Documents;

/// <summary>Reads HTML: sections by headings. Scripts are not run, and nothing is loaded.</summary>
internal static class HtmlText
{
    private static readonly HashSet<string> Ignored = new(StringComparer.OrdinalIgnoreCase) { "head", "script", "style", "template", "noscript", "nav", "svg", "iframe", "object" };

    private static readonly HashSet<string> Inline = new(StringComparer.OrdinalIgnoreCase)
    {
        "a", "abbr", "b", "bdi", "bdo", "cite", "code", "data", "del", "dfn", "em", "font", "i", "ins", "kbd", "label", "mark", "q", "s", "samp", "small", "span", "strong", "sub", "sup",
        "time", "u", "var", "wbr",
    };

    public static DocumentText Read(byte[] bytes)
    {
        using var stream = new MemoryStream(bytes);
        using var document = new HtmlParser().ParseDocument(stream);
        var path = new HeadingPath();
        if (document.Body is { } body) Walk(body, path);
        return path.ToDocument(string.IsNullOrWhiteSpace(document.Title) ? null : document.Title);
    }

    /// <summary>Without recursion: a file decides how deep it is.</summary>
    private static void Walk(INode root, HeadingPath path)
    {
        var node = root.FirstChild;
        while (node is not null)
        {
            var enters = Enter(node, path);
            if (enters && node.FirstChild is { } child)
            {
                node = child;
                continue;
            }

            while (node is not null && node.NextSibling is null)
            {
                node = node.Parent == root ? null : node.Parent;
                if (node is IElement ended) End(ended, path);
            }

            node = node?.NextSibling;
        }
    }

    /// <returns>Whether the node's children are read.</returns>
    private static bool Enter(INode node, HeadingPath path)
    {
        switch (node)
        {
            case IText text:
                AppendWords(path, text.Data, isPreformatted: text.ParentElement?.Closest("pre") is not null);
                return false;
            case IElement element when Ignored.Contains(element.LocalName):
                return false;
            case IElement { LocalName: ['h', >= '1' and <= '6'] name } element:
                path.Begin(int.Parse(name.AsSpan(1), CultureInfo.InvariantCulture), element.TextContent);
                return false;
            case IElement element:
                if (element.LocalName is not ("td" or "th")) End(element, path);
                return true;
            default:
                return false;
        }
    }

    /// <summary>Blocks are lines, and cells of a table are apart.</summary>
    private static void End(IElement element, HeadingPath path)
    {
        if (path.Text.Length == 0 || Inline.Contains(element.LocalName)) return;
        path.Text.Append(element.LocalName switch
        {
            "td" or "th" => " | ",
            "p" or "ul" or "ol" or "table" or "pre" or "blockquote" or "section" or "article" => "\n\n",
            _ => "\n",
        });
    }

    private static void AppendWords(HeadingPath path, string text, bool isPreformatted)
    {
        if (isPreformatted)
        {
            path.Text.Append(text);
            return;
        }

        foreach (var c in text)
        {
            if (!char.IsWhiteSpace(c)) path.Text.Append(c);
            else if (path.Text.Length > 0 && !char.IsWhiteSpace(path.Text[^1])) path.Text.Append(' ');
        }
    }
}
