using System.Globalization;
using System.Net;
using System.Text;

namespace PluginHost.Benchmarks.Compare;

/// <summary>
/// Draws the results as SVG: a bar for each target, as long as the part that was reached, with a line where the target is. Each bar has its numbers as text, so that nothing
/// depends on its colour. The colours follow the reader's light or dark scheme.
/// </summary>
internal static class ResultsPicture
{
    private const int Width = 860, Left = 16, Top = 66, RowHeight = 44, BarHeight = 12, FullWidth = Width - (2 * Left);

    /// <summary>A bar that reaches the end of the picture stands for this part or more.</summary>
    private const double Most = 2;

    private const string Style = """
        <style>
        .paper { fill: #ffffff; } text { fill: #1f2328; font: 13px system-ui, sans-serif; } .title { font-weight: 600; font-size: 16px; } .more { fill: #59636e; }
        .track { fill: #e6eaef; } .met { fill: #1a7f37; } .missed { fill: #bc4c00; } .target { stroke: #1f2328; stroke-width: 2; stroke-dasharray: 4 3; }
        @media (prefers-color-scheme: dark) {
        .paper { fill: #0d1117; } text { fill: #f0f6fc; } .more { fill: #9198a1; }
        .track { fill: #262c36; } .met { fill: #3fb950; } .missed { fill: #f0883e; } .target { stroke: #f0f6fc; }
        }
        </style>

        """;

    public static string Draw(IReadOnlyList<Comparison> results)
    {
        var rows = results.Where(r => r.Target is not null).ToList();
        var height = Top + (rows.Count * RowHeight) + 12;
        var target = Left + (FullWidth / Most);
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{Width}\" height=\"{height}\" viewBox=\"0 0 {Width} {height}\" role=\"img\" aria-labelledby=\"title\">\n")
            .Append("<title id=\"title\">For each target, the part that the host reached</title>\n")
            .Append(Style)
            .Append(CultureInfo.InvariantCulture, $"<rect class=\"paper\" width=\"{Width}\" height=\"{height}\" rx=\"6\"/>\n")
            .Append(CultureInfo.InvariantCulture, $"<text class=\"title\" x=\"{Left}\" y=\"28\">The part of each target that is reached</text>\n")
            .Append(CultureInfo.InvariantCulture, $"<text class=\"more\" x=\"{target}\" y=\"{Top - 16}\" text-anchor=\"middle\">target</text>\n");
        for (var i = 0; i < rows.Count; i++) DrawRow(svg, rows[i], Top + (i * RowHeight), target);
        return svg.Append("</svg>\n").ToString();
    }

    private static void DrawRow(StringBuilder svg, Comparison row, int y, double target)
    {
        var part = row.PartReached!.Value;
        var isMet = part >= 1;
        var length = Math.Clamp(part / Most, 0, 1) * FullWidth;
        var bar = y + 12;
        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{Left}\" y=\"{y + 6}\">{Encode(row.Work)} <tspan class=\"more\">· {Encode(DescribeMeasure(row))}</tspan></text>\n")
            .Append(CultureInfo.InvariantCulture, $"<text x=\"{Left + FullWidth}\" y=\"{y + 6}\" text-anchor=\"end\">{Spread.Format(row.Judged.Median)} <tspan class=\"more\">{Encode($"({row.Target})")}</tspan> {(isMet ? "met" : "missed")}</text>\n")
            .Append(CultureInfo.InvariantCulture, $"<rect class=\"track\" x=\"{Left}\" y=\"{bar}\" width=\"{FullWidth}\" height=\"{BarHeight}\" rx=\"3\"/>\n")
            .Append(CultureInfo.InvariantCulture, $"<rect class=\"{(isMet ? "met" : "missed")}\" x=\"{Left}\" y=\"{bar}\" width=\"{length:0.0}\" height=\"{BarHeight}\" rx=\"3\"/>\n")
            .Append(CultureInfo.InvariantCulture, $"<line class=\"target\" x1=\"{target}\" y1=\"{bar}\" x2=\"{target}\" y2=\"{bar + BarHeight}\"/>\n");
    }

    private static string DescribeMeasure(Comparison row) => row.Target!.IsRatio ? $"{row.Measure}, of {row.Peer}" : row.Measure;

    private static string Encode(string text) => WebUtility.HtmlEncode(text);
}
