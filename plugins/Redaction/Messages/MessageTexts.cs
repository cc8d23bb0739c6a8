using Microsoft.Extensions.AI;

namespace PluginHost.Redaction;

/// <summary>
/// Masks the text and the reasoning of one message. Each is one continuous text across contents and updates, until another content,
/// such as a tool call, separates it. Not thread-safe.
/// </summary>
internal sealed class MessageTexts(ContentMask mask)
{
    private readonly TextMask _text = new(mask.Set);
    private readonly TextMask _reasoning = new(mask.Set);
    private bool _contentMasked;

    public bool HasHeldText => _text.HeldLength > 0 || _reasoning.HeldLength > 0;

    /// <summary>Whether anything was masked.</summary>
    public bool HasMasked => _contentMasked || _text.HasMasked || _reasoning.HasMasked;

    /// <summary>Whether the first content separates the text from the text before it.</summary>
    public static bool SeparatesText(IList<AIContent> contents) => contents.Count > 0 && !IsPartOfText(contents[0], HasText(contents));

    /// <summary>Masks contents, and holds back text that may be the start of a match.</summary>
    /// <param name="contents">The next contents of the message.</param>
    /// <param name="last">Whether they are the last contents of the message.</param>
    /// <returns>The same list when nothing changed.</returns>
    public IList<AIContent> Add(IList<AIContent> contents, bool last)
    {
        var hasText = HasText(contents);
        var result = new List<AIContent>(contents.Count);
        for (var i = 0; i < contents.Count; i++)
        {
            var content = contents[i];
            if (GetText(content) is { } text)
            {
                var texts = content is TextContent ? _text : _reasoning;
                var released = EndsAt(contents, i, last) ? texts.AddLast(text) : texts.Add(text);
                if ((released == text ? content : mask.WithText(content, released)) is { } masked) result.Add(masked);
                continue;
            }

            if (!IsPartOfText(content, hasText)) Release(result);
            result.Add(mask.Mask(content));
            _contentMasked |= result[^1] != content;
        }

        if (last) Release(result);
        return result.SequenceEqual(contents) ? contents : result;
    }

    /// <summary>Completes the texts and adds the held text to the contents.</summary>
    public void Release(IList<AIContent> contents)
    {
        if (_reasoning.Finish() is { Length: > 0 } reasoning) contents.Add(new TextReasoningContent(reasoning));
        if (_text.Finish() is { Length: > 0 } text) contents.Add(new TextContent(text));
    }

    /// <summary>Whether a text ends with a content, so that nothing has to be held back.</summary>
    private static bool EndsAt(IList<AIContent> contents, int index, bool last)
    {
        for (var i = index + 1; i < contents.Count; i++)
        {
            if (GetText(contents[i]) is null)
            {
                if (!IsPartOfText(contents[i], hasText: true)) return true;
            }
            else if (contents[i] is TextContent == contents[index] is TextContent)
            {
                return false;
            }
        }

        return last;
    }

    /// <summary>Whether a content does not separate text. Usage that comes with text does not, because some services send it with every update.</summary>
    private static bool IsPartOfText(AIContent content, bool hasText) => GetText(content) is not null || (hasText && content is UsageContent);

    private static bool HasText(IList<AIContent> contents) => contents.Any(c => GetText(c) is not null);

    private static string? GetText(AIContent content) => content switch
    {
        TextContent text => text.Text,
        TextReasoningContent reasoning => reasoning.Text,
        _ => null,
    };
}
