using System.Text.RegularExpressions;

namespace PluginHost.Tests.Deploy;

/// <summary>
/// The series and labels that Prometheus makes of what docs/telemetry.md lists, by the rules with which it takes OTLP. That a scrape
/// gives the same names is shown by the queries of the dashboards, which return data then.
/// </summary>
internal static partial class PrometheusNames
{
    // Of .NET's own, those that dashboards use.
    private static readonly (string Name, string Kind, string Unit)[] DotNet =
    [
        ("http.server.request.duration", "histogram", "s"), ("http.server.active_requests", "up-down counter", "{request}"),
        ("kestrel.active_connections", "up-down counter", "{connection}"), ("dotnet.process.cpu.time", "counter", "s"),
        ("dotnet.process.memory.working_set", "up-down counter", "By"), ("dotnet.gc.pause.time", "counter", "s"),
        ("dotnet.gc.collections", "counter", "{collection}"), ("dotnet.exceptions", "counter", "{exception}"),
    ];

    private static readonly string[] DotNetAttributes = ["http.request.method", "http.route", "http.response.status_code", "gc.heap.generation"];

    private static readonly string[] Page = File.ReadAllLines(Path.Combine(RepositoryFiles.Root, "docs", "telemetry.md"));

    public static IReadOnlySet<string> Series { get; } = OnPage().Concat(DotNet).SelectMany(m => SeriesOf(m.Name, m.Kind, m.Unit)).ToHashSet();

    public static IReadOnlySet<string> Labels { get; } = Attributes().Concat(DotNetAttributes).Select(Escape).ToHashSet();

    /// <summary>Everything in an expression that looks like a name of this host or of .NET, recorded series included.</summary>
    public static IEnumerable<string> In(string expression) => Name().Matches(Quoted().Replace(expression, "")).Select(m => m.Value);

    public static string Escape(string name) => name.Replace('.', '_');

    public static IEnumerable<string> SeriesOf(string name, string kind, string unit)
    {
        var words = name.Split('.', '_').ToList();
        var suffix = unit switch { "s" => "seconds", "By" => "bytes", ['{', ..] => null, _ => throw new ArgumentOutOfRangeException(nameof(unit), unit, null) };
        if (suffix is not null && !words.Contains(suffix)) words.Add(suffix);
        // Prometheus takes the word out wherever it stands.
        if (kind == "counter") words = [.. words.Where(w => w != "total"), "total"];
        var series = string.Join('_', words);
        return kind == "histogram" ? [$"{series}_bucket", $"{series}_sum", $"{series}_count"] : [series];
    }

    /// <summary>The series of each metric of the host.</summary>
    public static IEnumerable<IReadOnlyList<string>> Metrics => OnPage().Select(m => SeriesOf(m.Name, m.Kind, m.Unit).ToList());

    private static IEnumerable<(string Name, string Kind, string Unit)> OnPage() => Rows("Metrics").Select(cells => (cells[0], cells[1], cells[2]));

    private static IEnumerable<string> Attributes() => Rows("Attributes").Select(cells => cells[0]);

    private static IEnumerable<string[]> Rows(string section) => Page
        .SkipWhile(line => line != $"## {section}").Skip(1).TakeWhile(line => !line.StartsWith("## ", StringComparison.Ordinal))
        .Where(line => line.StartsWith("| `", StringComparison.Ordinal))
        .Select(line => line.Replace("`", "", StringComparison.Ordinal).Split('|', StringSplitOptions.TrimEntries)[1..]);

    [GeneratedRegex(@"\b(?:pluginhost|gen_ai|http|dotnet|kestrel|gc|error)[_:][a-z0-9_:]+\b")]
    private static partial Regex Name();

    [GeneratedRegex("\"[^\"]*\"")]
    private static partial Regex Quoted();
}
