using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace PluginHost.Tests.Deploy;

/// <summary>The files of <c>deploy/</c>.</summary>
internal static class DeployFiles
{
    public static string Folder { get; } = Path.Combine(RepositoryFiles.Root, "deploy");

    public static IReadOnlyList<(string Name, JsonNode Json)> Dashboards { get; } =
    [
        .. Directory.GetFiles(Path.Combine(Folder, "grafana", "dashboards"), "*.json").Order(StringComparer.Ordinal)
            .Select(file => (Path.GetFileName(file), JsonNode.Parse(File.ReadAllText(file))!)),
    ];

    /// <summary>A YAML file, with the mappings that it merges (<c>&lt;&lt;</c>) put in place.</summary>
    public static YamlMappingNode Yaml(string path)
    {
        var stream = new YamlStream();
        using var text = new StringReader(File.ReadAllText(Path.Combine(Folder, path)));
        stream.Load(new Parser(text));
        var root = (YamlMappingNode)stream.Documents[0].RootNode;
        Merge(root);
        return root;
    }

    public static YamlNode? Find(this YamlNode node, string key) =>
        ((YamlMappingNode)node).Children.TryGetValue(new YamlScalarNode(key), out var value) ? value : null;

    public static IEnumerable<(string Key, YamlNode Value)> Members(this YamlNode? node) =>
        ((YamlMappingNode?)node)?.Children.Select(c => (c.Key.ToString(), c.Value)) ?? [];

    public static IEnumerable<string> Items(this YamlNode? node) => ((YamlSequenceNode?)node)?.Children.Select(c => c.ToString()) ?? [];

    private static void Merge(YamlNode node)
    {
        if (node is YamlSequenceNode list)
        {
            foreach (var item in list) Merge(item);
        }

        if (node is not YamlMappingNode map) return;
        if (map.Find("<<") is YamlMappingNode merged)
        {
            map.Children.Remove(new YamlScalarNode("<<"));
            foreach (var (key, value) in merged.Children) map.Children.TryAdd(key, value);
        }

        foreach (var value in map.Children.Values) Merge(value);
    }
}
