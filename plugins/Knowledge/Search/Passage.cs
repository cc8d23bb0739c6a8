namespace PluginHost.Knowledge.Search;

/// <summary>A passage that was found.</summary>
/// <param name="Path">The path of its document below the configured folder.</param>
/// <param name="Heading">The document's title and the headings above it.</param>
/// <param name="Page">Its page; null for none.</param>
/// <param name="Text">Its text.</param>
internal sealed record Passage(string Path, string Heading, int? Page, string Text);
