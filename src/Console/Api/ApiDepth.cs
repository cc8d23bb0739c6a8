using System.Text.Json;

namespace PluginHost.WebConsole.Api;

/// <summary>How deep JSON may nest: like the API's own, so that the API alone decides what is too deep.</summary>
internal static class ApiDepth
{
    public const int Max = 1000;

    public static JsonDocumentOptions Documents { get; } = new() { MaxDepth = Max };
}
