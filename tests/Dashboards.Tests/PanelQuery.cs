using System.Text.Json.Nodes;

namespace PluginHost.Dashboards;

/// <summary>One query of a panel.</summary>
/// <param name="Dashboard">The file.</param>
/// <param name="Panel">The panel's title.</param>
/// <param name="Query">The query's letter.</param>
/// <param name="Expression">The expression in the file.</param>
/// <param name="HasExemplars">Whether the panel shows exemplars.</param>
internal sealed record PanelQuery(string Dashboard, string Panel, string Query, string Expression, bool HasExemplars)
{
    // The values of Grafana's variables when everything is selected.
    private static readonly (string Name, string Value)[] Variables =
    [
        ("$__rate_interval", "15s"), ("$__range", "5m"), ("$job", ".*"), ("$agent", ".*"), ("$plugin", ".*"), ("$model", ".*"),
    ];

    public static IReadOnlyList<PanelQuery> All { get; } = [.. ReadFiles().SelectMany(f => GetQueries(f.Name, f.Json))];

    /// <summary>The label and the series of every variable.</summary>
    public static IReadOnlyList<(string Name, string Series, string Label)> VariableQueries { get; } =
    [
        .. from file in ReadFiles()
           from variable in file.Json["templating"]!["list"]!.AsArray()
           where (string?)variable!["type"] == "query"
           let parts = ((string)variable["definition"]!)["label_values(".Length..^1]
           let comma = parts.LastIndexOf(',')
           select ($"{file.Name} {variable["name"]}", Fill(parts[..comma]), parts[(comma + 1)..].Trim()),
    ];

    /// <summary>The expression with the values of the variables.</summary>
    public string Filled => Fill(Expression);

    public static string Fill(string text) => Variables.Aggregate(text, (filled, v) => filled.Replace(v.Name, v.Value, StringComparison.Ordinal));

    public static IEnumerable<(string Name, JsonNode Json)> ReadFiles() =>
        Directory.GetFiles(Path.Combine(Repository.Deploy, "grafana", "dashboards"), "*.json").Order(StringComparer.Ordinal)
            .Select(file => (Path.GetFileName(file), JsonNode.Parse(File.ReadAllText(file))!));

    private static IEnumerable<PanelQuery> GetQueries(string file, JsonNode dashboard) =>
        from panel in dashboard["panels"]!.AsArray()
        from target in panel!["targets"]?.AsArray() ?? []
        select new PanelQuery(
            file, (string)panel["title"]!, (string)target!["refId"]!, (string)target["expr"]!, target["exemplar"]?.GetValue<bool>() ?? false);
}
