using System.Text.Json.Nodes;
using PluginHost.Engine.Configuration.Binding;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Configuration.Sources;
using PluginHost.Engine.Plugins.Catalog;
using PluginHost.ModelClients;

namespace PluginHost.Cli.Authors;

/// <summary>
/// Describes the whole configuration as JSON Schema: the host's settings, and the options of the plugins that were found. The host itself
/// takes names in any case; the schema has those of the documentation, for completion in editors.
/// </summary>
internal sealed class ConfigurationSchema
{
    private const string Options = nameof(PluginEntry.Options);

    private static readonly OptionType Root =
        OptionsModel.ReadSettings(typeof(HostConfiguration), new XmlDocumentation(typeof(HostConfiguration).Assembly.Location));

    private readonly IReadOnlyList<PluginDescriptor> _plugins;
    private readonly OptionSchema _schema;

    private ConfigurationSchema(IReadOnlyList<PluginDescriptor> plugins)
    {
        _plugins = plugins;
        _schema = new OptionSchema(Special);
    }

    public static JsonObject Create(IReadOnlyList<PluginDescriptor> plugins) => new ConfigurationSchema(plugins).Create();

    private JsonObject Create()
    {
        var root = _schema.Section(Root);
        root["$schema"] = "https://json-schema.org/draft/2020-12/schema";
        root["title"] = "Configuration of PluginHost";
        root["properties"]![JsonFile.SchemaMember] = new JsonObject { ["type"] = "string", ["description"] = "The schema of this file, for editors." };
        return root;
    }

    private JsonObject? Special(OptionType section) =>
        section.Settings == typeof(PluginEntry) ? Entry(section) :
        section.Settings == typeof(ModelConfiguration) ? Model(section) :
        section.Settings == typeof(HostConfiguration) ? null :
        section.Element?.Settings == typeof(PluginDefaults) ? Defaults(section.Element) : null;

    /// <summary>An entry: its options are those of the plugin that it names.</summary>
    private JsonObject Entry(OptionType section)
    {
        var entry = _schema.Section(section);
        entry["properties"]![nameof(PluginEntry.Plugin)]!["enum"] = Names(_plugins.Select(p => p.Name));
        entry["allOf"] = new JsonArray([.. _plugins.Select(p => If(nameof(PluginEntry.Plugin), p.Name, OptionsOf(p)))]);
        return entry;
    }

    /// <summary>The model of an agent: options of a built-in client are beside its settings, those of a plugin's in a section.</summary>
    private JsonObject Model(OptionType section)
    {
        var clients = _plugins.Where(p => p.FitsIn(PluginPlace.ModelClient)).ToList();
        var model = _schema.Section(section);
        model.Remove("additionalProperties");
        model["unevaluatedProperties"] = false;
        model["properties"]![nameof(ModelConfiguration.Client)]!["enum"] = Names(ChatClients.OptionTypes.Keys.Concat(clients.Select(p => p.Name)));
        model["allOf"] = new JsonArray(
        [
            .. ChatClients.OptionTypes.Select(c => If(nameof(ModelConfiguration.Client), c.Key, _schema.Properties(c.Value.Members))),
            .. clients.Select(p => If(nameof(ModelConfiguration.Client), p.Name, OptionsOf(p))),
        ]);
        return model;
    }

    /// <summary>The section <c>Plugins</c>: defaults for the entries of each plugin.</summary>
    private JsonObject Defaults(OptionType section) => new()
    {
        ["type"] = "object",
        ["properties"] = new JsonObject(_plugins.Select(p => KeyValuePair.Create(p.Name, (JsonNode?)Defaults(section, p)))),
        ["additionalProperties"] = false,
    };

    private JsonObject Defaults(OptionType section, PluginDescriptor plugin)
    {
        var defaults = _schema.Section(section);
        if (plugin.Summary is { } summary) defaults["description"] = summary;
        defaults["properties"]![Options] = OptionsOf(plugin)[Options]!.DeepClone();
        return defaults;
    }

    private static JsonObject If(string name, string value, JsonObject properties) => new()
    {
        ["if"] = new JsonObject
        {
            ["properties"] = new JsonObject { [name] = new JsonObject { ["const"] = value } },
            ["required"] = new JsonArray(name),
        },
        ["then"] = new JsonObject { ["properties"] = properties },
    };

    // What must be given may come from elsewhere: the section Plugins, the environment, the command line.
    private JsonObject OptionsOf(PluginDescriptor plugin)
    {
        var options = _schema.Section(plugin.Options);
        options.Remove("required");
        return new() { [Options] = options };
    }

    private static JsonArray Names(IEnumerable<string> names) => [.. names.Select(n => (JsonNode)n)];
}
