using System.Text.Json;
using PluginHost.OpenAI.Wire;
using PluginHost.Sdk;

namespace PluginHost.OpenAI.Responses;

/// <summary>Writes and reads the part of a request that its run keeps.</summary>
internal static class ResponseDetailsJson
{
    private static readonly ResponseDetails None = new();

    // What most requests have: one element for all of them.
    private static readonly JsonElement NoneJson = JsonSerializer.SerializeToElement(None, DetailsJson.Default.ResponseDetails);

    public static JsonElement Write(ResponseDetails details) =>
        details.Tools.Count == 0 && details with { Tools = None.Tools } == None ? NoneJson : JsonSerializer.SerializeToElement(details, DetailsJson.Default.ResponseDetails);

    /// <summary>Runs of the native interface have none.</summary>
    public static ResponseDetails Read(RunRecord run) =>
        run.Details is { ValueKind: JsonValueKind.Object } json ? json.Deserialize(DetailsJson.Default.ResponseDetails) ?? None : None;

    /// <summary>The functions and custom tools of the caller. Names of other tools are not names of functions.</summary>
    public static HashSet<string> ToolNames(RunRecord run) => [.. Read(run).Tools.Select(NameOf).OfType<string>()];

    private static string? NameOf(JsonElement tool) =>
        tool.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String && (type.ValueEquals("function") || type.ValueEquals("custom"))
        && tool.TryGetProperty("name", out var name) && name.ValueKind == JsonValueKind.String
            ? name.GetString()
            : null;
}
