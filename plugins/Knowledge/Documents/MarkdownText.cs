using Markdig;
using Markdig.Extensions.Yaml;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace PluginHost.Knowledge.Documents;

/// <summary>Reads Markdown: sections by headings, and the text as it was written, because models read Markdown.</summary>
internal static class MarkdownText
{
    private static readonly MarkdownPipeline Pipeline = new MarkdownPipelineBuilder().UseYamlFrontMatter().Build();

    public static DocumentText Read(string text)
    {
        var path = new HeadingPath();
        foreach (var block in Markdown.Parse(text, Pipeline))
        {
            if (block is HeadingBlock heading) path.Begin(heading.Level, TextOf(heading.Inline));
            else if (block is not (YamlFrontMatterBlock or LinkReferenceDefinitionGroup)) path.Text.Append(text.AsSpan(block.Span.Start, block.Span.Length)).Append("\n\n");
        }

        return path.ToDocument(null);
    }

    private static string TextOf(ContainerInline? inline) => inline is null ? "" : string.Concat(inline.Descendants().Select(static i => i switch
    {
        LiteralInline literal => literal.Content.ToString(),
        CodeInline code => code.Content,
        LineBreakInline => " ",
        _ => "",
    }));
}
