using System.Text.Json;
using PluginHost.OpenAI.Wire;
using PluginHost.Sdk;

namespace PluginHost.OpenAI.Responses;

/// <summary>Writes and reads the part of a request that its run keeps.</summary>
internal static class ResponseDetailsJson
{
    private static readonly ResponseDetails None = new();

    public static JsonElement Write(ResponseDetails details) => JsonSerializer.SerializeToElement(details, ResponsesJson.Default.ResponseDetails);

    /// <summary>Runs of the native interface have none.</summary>
    public static ResponseDetails Read(RunRecord run) =>
        run.Details is { ValueKind: JsonValueKind.Object } json ? json.Deserialize(ResponsesJson.Default.ResponseDetails) ?? None : None;

    public static HashSet<string> ToolNames(RunRecord run) =>
        [.. Read(run).Tools.Select(t => t.TryGetProperty("name", out var name) ? name.GetString() ?? "" : "")];
}
