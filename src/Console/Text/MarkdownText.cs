using Markdig;
using Markdig.Renderers.Html;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;
using Microsoft.AspNetCore.Components;

namespace PluginHost.WebConsole.Text;

/// <summary>Answers of models as HTML: raw HTML is text, links lead to http, https or mail alone, and pictures become links. Stateless.</summary>
public static class MarkdownText
{
    private const int HighestHeading = 4;
    private const int LowestHeading = 6;

    private static readonly MarkdownPipeline Pipeline = new MarkdownPipelineBuilder().UsePipeTables().DisableHtml().Build();

    /// <returns>Null when the text is to be shown as it is.</returns>
    public static MarkupString? Render(string text)
    {
        try
        {
            var document = Markdown.Parse(Visible.Show(text), Pipeline);
            foreach (var heading in document.Descendants<HeadingBlock>()) heading.Level = Math.Min(heading.Level + HighestHeading - 1, LowestHeading);
            foreach (var link in document.Descendants<LinkInline>().ToList()) Tame(link);
            foreach (var link in document.Descendants<AutolinkInline>().ToList()) Tame(link);
            return (MarkupString)document.ToHtml(Pipeline);
        }
        catch (ArgumentException)
        {
            // It is nested more deeply than the parser allows.
            return null;
        }
    }

    private static void Tame(LinkInline link)
    {
        link.IsImage = false;
        if (!IsAllowed(link.Url)) link.Url = null;
        Mark(link);
        if (link.Url is null) Unlink(link);
    }

    private static void Tame(AutolinkInline link)
    {
        if (link.IsEmail || IsAllowed(link.Url)) Mark(link);
        else link.ReplaceBy(new LiteralInline($"<{link.Url}>"));
    }

    private static void Mark(MarkdownObject link)
    {
        var attributes = link.GetAttributes();
        attributes.AddPropertyIfNotExist("rel", "noopener noreferrer");
        attributes.AddPropertyIfNotExist("target", "_blank");
    }

    /// <summary>Leaves the link's text.</summary>
    private static void Unlink(LinkInline link)
    {
        var text = new EmphasisInline { DelimiterChar = '*', DelimiterCount = 1 };
        link.ReplaceBy(text);
    }

    private static bool IsAllowed(string? url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" or "mailto";
}
