using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace PluginHost.Dashboards;

/// <summary>A line of a panel.</summary>
/// <param name="Name">As the legend shows it.</param>
/// <param name="Points">Time and value, without gaps.</param>
internal sealed record PanelSeries(string Name, IReadOnlyList<(double Time, double Value)> Points);

/// <summary>What a panel shows: lines, or the rows of a table.</summary>
internal sealed partial record PanelData(IReadOnlyList<PanelSeries> Series, IReadOnlyList<IReadOnlyList<string>> Rows)
{
    /// <summary>Why the panel shows less than it has room for; null when it is whole.</summary>
    public string? Missing(DashboardPanel panel)
    {
        if (panel.Type == "row") return null;
        if (panel.Type != "table") return Series.Count == 0 ? "no series" : Series.All(s => s.Points.Count == 0) ? "no values" : null;
        if (Rows.Count < 2) return "no rows";
        return Rows.SelectMany(r => r).Any(c => c.Length == 0) ? "empty cells: " + string.Join(" | ", Rows.Select(r => string.Join(",", r))) : null;
    }

    public static async Task<PanelData> ReadAsync(PrometheusServer prometheus, DashboardPanel panel)
    {
        if (panel.Type == "table") return new([], await ReadRowsAsync(prometheus, panel));
        var series = new List<PanelSeries>();
        for (var i = 0; i < panel.Queries.Count; i++)
        {
            foreach (var found in await prometheus.QueryRangeAsync(panel.Queries[i]))
            {
                var points = found["values"]!.AsArray().Select(v => ((double)v![0]!, double.Parse((string)v[1]!, CultureInfo.InvariantCulture))).Where(p => double.IsFinite(p.Item2));
                series.Add(new(Label().Replace(panel.Legends[i], m => (string?)found["metric"]![m.Groups[1].Value] ?? ""), [.. points]));
            }
        }

        return new(series, []);
    }

    /// <summary>The queries joined by their labels, as Grafana merges them: a heading, and a row for each set of labels.</summary>
    private static async Task<IReadOnlyList<IReadOnlyList<string>>> ReadRowsAsync(PrometheusServer prometheus, DashboardPanel panel)
    {
        var rows = new SortedDictionary<string, (JsonObject Labels, string[] Values)>(StringComparer.Ordinal);
        for (var i = 0; i < panel.Queries.Count; i++)
        {
            foreach (var found in await prometheus.QueryAsync(panel.Queries[i]))
            {
                var labels = found["metric"]!.AsObject();
                var key = string.Join(',', labels.OrderBy(l => l.Key).Select(l => $"{l.Key}={l.Value}"));
                if (!rows.TryGetValue(key, out var row)) rows[key] = row = (labels, [.. panel.Queries.Select(_ => "")]);
                row.Values[i] = double.Parse((string)found["value"]![1]!, CultureInfo.InvariantCulture).ToString("0.####", CultureInfo.InvariantCulture);
            }
        }

        if (rows.Count == 0) return [];
        var fields = rows.Values.First().Labels.Select(l => l.Key).ToList();
        var values = panel.Queries.Select((_, i) => panel.Queries.Count == 1 ? "Value" : $"Value #{(char)('A' + i)}");
        // A field that the dashboard does not rename shows the name of its label.
        var heading = fields.Concat(values).Select(f => panel.Columns.GetValueOrDefault(f, "")).ToList();
        return [heading, .. rows.Values.Select(r => (IReadOnlyList<string>)[.. fields.Select(f => (string?)r.Labels[f] ?? ""), .. r.Values])];
    }

    [GeneratedRegex(@"\{\{(\w+)\}\}")]
    private static partial Regex Label();
}
