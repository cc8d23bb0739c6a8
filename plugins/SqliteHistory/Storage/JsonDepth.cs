using System.Text.Json;

namespace PluginHost.Sqlite;

/// <summary>How deep the JSON of rows may nest.</summary>
internal static class JsonDepth
{
    /// <summary>The depth that JSON writers allow, so that whatever was written can be read.</summary>
    public const int Max = 1000;

    /// <summary>Reads all that the store writes.</summary>
    public static JsonDocumentOptions Any { get; } = new() { MaxDepth = Max };
}
