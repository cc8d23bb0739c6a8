namespace PluginHost.Knowledge.Documents;

/// <summary>The text of a document in its order.</summary>
/// <param name="Title">What the document calls itself; null for nothing.</param>
/// <param name="Sections">Its parts.</param>
internal sealed record DocumentText(string? Title, IReadOnlyList<DocumentSection> Sections);

/// <summary>A part of a document.</summary>
/// <param name="Headings">The headings above it, outermost first.</param>
/// <param name="Page">Its page, from 1; null where documents have no pages.</param>
/// <param name="Text">Its text.</param>
internal sealed record DocumentSection(IReadOnlyList<string> Headings, int? Page, string Text);
