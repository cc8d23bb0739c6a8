using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using PluginHost.Engine.Configuration.Binding;
using PluginHost.Engine.Plugins.Catalog;

namespace PluginHost.Cli;

/// <summary>Writes the list of plugins as JSON, for programs.</summary>
internal static class PluginsJson
{
    private static readonly JsonSerializerOptions Format = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Write(IReadOnlyList<PluginDescriptor> plugins) =>
        new JsonArray([.. plugins.Select(ToJson)]).ToJsonString(Format);

    private static JsonObject ToJson(PluginDescriptor plugin) => new()
    {
        ["name"] = plugin.Name,
        ["kinds"] = new JsonArray([.. plugin.Kinds.Select(k => (JsonNode)k.Name)]),
        ["version"] = plugin.Version,
        ["sdk_version"] = plugin.SdkVersion,
        ["sha256"] = plugin.Sha256,
        ["file"] = plugin.File,
        ["files"] = new JsonArray([.. PluginFiles.Hash(plugin.Folder).Select(f => new JsonObject { ["name"] = f.Name, ["sha256"] = f.Sha256 })]),
        ["summary"] = plugin.Summary,
        ["options"] = new JsonArray([.. OptionRow.From(plugin.Options).Select(ToJson)]),
    };

    private static JsonObject ToJson(OptionRow option) => new()
    {
        ["name"] = option.Name,
        ["type"] = option.Type,
        ["required"] = option.Default is null,
        ["default"] = option.Default,
        ["summary"] = option.Summary,
    };
}
