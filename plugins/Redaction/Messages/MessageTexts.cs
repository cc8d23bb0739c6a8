using Microsoft.Extensions.AI;

namespace PluginHost.Redaction;

/// <summary>
/// The texts of one message while it goes by: all its text is one, and all its reasoning is another, wherever they are cut into
/// contents and updates, until something comes that has a place in the message. Not thread-safe.
/// </summary>
internal sealed class MessageTexts(ContentMask mask)
{
    private readonly TextMask _text = new(mask.Set);
    private readonly TextMask _reasoning = new(mask.Set);
    private bool _contentMasked;

    public bool IsHolding => _text.Held > 0 || _reasoning.Held > 0;

    /// <summary>Whether anything has been masked so far.</summary>
    public bool HasMasked => _contentMasked || _text.HasMasked || _reasoning.HasMasked;

    /// <summary>Whether contents end the text before they begin.</summary>
    public static bool EndText(IList<AIContent> contents) => contents.Count > 0 && !IsPartOfText(contents[0], HasText(contents));

    /// <summary>Masks contents, as far as their text can go.</summary>
    /// <param name="contents">The next contents of the message.</param>
    /// <param name="last">Whether they are the last.</param>
    /// <returns>The same list when nothing has changed.</returns>
    public IList<AIContent> Add(IList<AIContent> contents, bool last)
    {
        var hasText = HasText(contents);
        var result = new List<AIContent>(contents.Count);
        for (var i = 0; i < contents.Count; i++)
        {
            var content = contents[i];
            if (TextOf(content) is { } text)
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

    /// <summary>Ends the texts, and lets go what is held back.</summary>
    public void Release(IList<AIContent> contents)
    {
        if (_reasoning.Finish() is { Length: > 0 } reasoning) contents.Add(new TextReasoningContent(reasoning));
        if (_text.Finish() is { Length: > 0 } text) contents.Add(new TextContent(text));
    }

    /// <summary>Whether a text ends with a content: then what would be held back can stay in it.</summary>
    private static bool EndsAt(IList<AIContent> contents, int index, bool last)
    {
        for (var i = index + 1; i < contents.Count; i++)
        {
            if (TextOf(contents[i]) is null)
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

    /// <summary>Some services report usage with every piece of text: that is no end of it.</summary>
    private static bool IsPartOfText(AIContent content, bool hasText) => TextOf(content) is not null || (hasText && content is UsageContent);

    private static bool HasText(IList<AIContent> contents) => contents.Any(c => TextOf(c) is not null);

    private static string? TextOf(AIContent content) => content switch
    {
        TextContent text => text.Text,
        TextReasoningContent reasoning => reasoning.Text,
        _ => null,
    };
}
