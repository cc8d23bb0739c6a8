using System.Globalization;
using System.Security;
using System.Text;

namespace PluginHost.Dashboards;

/// <summary>Draws a dashboard as SVG, so that it can be looked at without Grafana.</summary>
internal sealed class DashboardPicture
{
    private const int Column = 50;
    private const int Row = 30;
    private const int Line = 13;

    private static readonly string[] Colors = ["#1f77b4", "#d62728", "#2ca02c", "#ff7f0e", "#9467bd", "#8c564b", "#17becf", "#7f7f7f"];

    private readonly StringBuilder _svg = new();

    public static string Draw(IReadOnlyList<(DashboardPanel Panel, PanelData Data)> panels)
    {
        var picture = new DashboardPicture();
        var height = panels.Max(p => p.Panel.Y + p.Panel.Height) * Row;
        picture._svg.Append(CultureInfo.InvariantCulture, $"""<svg xmlns="http://www.w3.org/2000/svg" width="{24 * Column}" height="{height}" font-family="sans-serif" font-size="11"><rect width="100%" height="100%" fill="#fff"/>""").Append('\n');
        foreach (var (panel, data) in panels) picture.Draw(panel, data);
        return picture._svg.Append("</svg>\n").ToString();
    }

    private void Draw(DashboardPanel panel, PanelData data)
    {
        var (x, y, width, height) = (panel.X * Column, panel.Y * Row, (panel.Width * Column) - 6, (panel.Height * Row) - 6);
        if (panel.Type != "row") _svg.Append(CultureInfo.InvariantCulture, $"""<rect x="{x}" y="{y}" width="{width}" height="{height}" fill="none" stroke="#bbb"/>""").Append('\n');
        Text(x + 6, y + 15, panel.Title, "#000", width, isBold: true);
        if (panel.Type == "table") DrawRows(data.Rows, x + 6, y + 32, width - 12, height - 36);
        else if (panel.Type == "stat") Text(x + (width / 2) - 30, y + 70, Number(data.Series.SelectMany(s => s.Points).LastOrDefault().Value), "#1f77b4", width, isBold: true);
        else if (panel.Type != "row") DrawLines(data.Series, x + 50, y + 24, width - 60, height - 36 - (Line * Math.Min(4, data.Series.Count)));
    }

    private void DrawLines(IReadOnlyList<PanelSeries> series, int x, int y, int width, int height)
    {
        var points = series.SelectMany(s => s.Points).ToList();
        if (points.Count == 0) return;
        var (from, to, top) = (points.Min(p => p.Time), Math.Max(points.Max(p => p.Time), points.Min(p => p.Time) + 1), Math.Max(points.Max(p => p.Value), 1e-9));
        Text(x - 46, y + 8, Number(top), "#666", 46);
        Text(x - 46, y + height, "0", "#666", 46);
        for (var i = 0; i < series.Count; i++)
        {
            var color = Colors[i % Colors.Length];
            var path = string.Join(' ', series[i].Points.Select(p => string.Create(CultureInfo.InvariantCulture, $"{x + ((p.Time - from) / (to - from) * width):0.#},{y + height - (p.Value / top * height):0.#}")));
            _svg.Append(CultureInfo.InvariantCulture, $"""<polyline points="{path}" fill="none" stroke="{color}" stroke-width="1.5"/>""").Append('\n');
            var name = i == 3 && series.Count > 4 ? $"and {series.Count - 3} more" : series[i].Name;
            if (i < 4) Text(x, y + height + 12 + (i * Line), name.Length == 0 ? "value" : name, color, width);
        }
    }

    private void DrawRows(IReadOnlyList<IReadOnlyList<string>> rows, int x, int y, int width, int height)
    {
        for (var r = 0; r < rows.Count && r * Line < height; r++)
        {
            for (var c = 0; c < rows[r].Count; c++) Text(x + (c * width / rows[r].Count), y + (r * Line), rows[r][c], r == 0 ? "#000" : "#444", width / rows[r].Count, r == 0);
        }
    }

    private void Text(int x, int y, string text, string color, int width, bool isBold = false)
    {
        // About as many letters as fit.
        var shown = text.Length * 6 > width ? text[..Math.Max(1, (width / 6) - 1)] + "…" : text;
        _svg.Append(CultureInfo.InvariantCulture, $"""<text x="{x}" y="{y}" fill="{color}"{(isBold ? " font-weight=\"bold\"" : "")}>{SecurityElement.Escape(shown)}</text>""").Append('\n');
    }

    private static string Number(double value) => value.ToString(Math.Abs(value) >= 100 ? "0" : "0.####", CultureInfo.InvariantCulture);
}
