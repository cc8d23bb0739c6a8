using System.Text.Json;

namespace PluginHost.Files.Storage;

/// <summary>The settings of all JSON in the files: whatever was written can be read, at any depth that JSON writers allow.</summary>
internal static class StoredJson
{
    private const int MaxDepth = 1000;

    public static JsonReaderOptions Reader { get; } = new() { MaxDepth = MaxDepth };

    public static JsonDocumentOptions Document { get; } = new() { MaxDepth = MaxDepth };
}
