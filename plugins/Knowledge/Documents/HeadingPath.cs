using System.Text;

namespace PluginHost.Knowledge.Documents;

/// <summary>Collects text below headings, as a document is read from its beginning to its end.</summary>
internal sealed class HeadingPath
{
    private const int MaxHeading = 200;

    private readonly List<(int Level, string Text)> _path = [];
    private readonly List<DocumentSection> _sections = [];
    private readonly StringBuilder _text = new();

    /// <summary>The first heading of the highest level.</summary>
    public string? Title { get; private set; }

    public StringBuilder Text => _text;

    /// <summary>Begins a section. One without text is in the headings of those below it.</summary>
    public void Begin(int level, string heading)
    {
        Complete();
        heading = Normalize(heading);
        if (heading.Length == 0) return;
        if (level == 1) Title ??= heading;
        _path.RemoveAll(h => h.Level >= level);
        _path.Add((level, heading));
    }

    public DocumentText ToDocument(string? title)
    {
        Complete();
        return new DocumentText(title is null ? Title : Normalize(title), _sections);
    }

    /// <summary>One line of bounded length.</summary>
    public static string Normalize(string text)
    {
        text = string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return text.Length <= MaxHeading ? text : text[..MaxHeading];
    }

    private void Complete()
    {
        var text = _text.ToString();
        _text.Clear();
        if (!string.IsNullOrWhiteSpace(text)) _sections.Add(new DocumentSection([.. _path.Select(h => h.Text)], null, text));
    }
}
