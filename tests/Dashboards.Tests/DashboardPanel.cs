using System.Text.Json.Nodes;

namespace PluginHost.Dashboards;

/// <summary>A panel as it is laid out.</summary>
/// <param name="Type">For example <c>timeseries</c>.</param>
/// <param name="Title">The title.</param>
/// <param name="X">In columns of 24.</param>
/// <param name="Y">In rows.</param>
/// <param name="Width">In columns.</param>
/// <param name="Height">In rows.</param>
/// <param name="Queries">The queries, filled.</param>
/// <param name="Legends">The legend of each.</param>
/// <param name="Columns">Of a table: the names of columns by the names of fields.</param>
internal sealed record DashboardPanel(
    string Type, string Title, int X, int Y, int Width, int Height, IReadOnlyList<string> Queries, IReadOnlyList<string> Legends, IReadOnlyDictionary<string, string> Columns)
{
    public static IReadOnlyList<(string Dashboard, IReadOnlyList<DashboardPanel> Panels)> All { get; } =
        [.. PanelQuery.ReadFiles().Select(f => (f.Name, (IReadOnlyList<DashboardPanel>)[.. f.Json["panels"]!.AsArray().Select(p => From(p!))]))];

    private static DashboardPanel From(JsonNode panel)
    {
        var place = panel["gridPos"]!;
        var targets = panel["targets"]?.AsArray() ?? [];
        var columns = (panel["transformations"]?.AsArray() ?? []).Select(t => t!["options"]?["renameByName"]).OfType<JsonObject>().SelectMany(o => o);
        return new(
            (string)panel["type"]!, (string)panel["title"]!, (int)place["x"]!, (int)place["y"]!, (int)place["w"]!, (int)place["h"]!,
            [.. targets.Select(t => PanelQuery.Fill((string)t!["expr"]!))], [.. targets.Select(t => (string?)t!["legendFormat"] ?? "")],
            columns.ToDictionary(c => c.Key, c => (string)c.Value!));
    }
}
