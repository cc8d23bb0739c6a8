using System.Text.Json;

namespace PluginHost.Files.Storage;

/// <summary>The settings of all JSON in the files: every written value can be read, at any depth that a document has.</summary>
internal static class StoredJson
{
    // A document nests up to 1000 levels; a line of a history puts it into a list in an object.
    private const int MaxDepth = 1000 + 2;

    public static JsonReaderOptions Reader { get; } = new() { MaxDepth = MaxDepth };

    public static JsonDocumentOptions Document { get; } = new() { MaxDepth = MaxDepth };
}
