using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using YamlDotNet.RepresentationModel;

namespace PluginHost.Tests.Deploy;

/// <summary>Dashboards and rules are well formed and ask only for what the host emits.</summary>
public sealed partial class DashboardFileTests
{
    private static readonly string[] BuiltIn = ["__rate_interval", "__range", "datasource"];

    public static TheoryData<string> Names { get; } = [.. DeployFiles.Dashboards.Select(d => d.Name)];

    private static JsonNode Dashboard(string name) => DeployFiles.Dashboards.Single(d => d.Name == name).Json;

    private static IEnumerable<JsonNode> Panels(string name) => Dashboard(name)["panels"]!.AsArray().Select(p => p!);

    private static IEnumerable<string> Expressions(string name) => Panels(name)
        .SelectMany(p => p["targets"]?.AsArray() ?? []).Select(t => (string)t!["expr"]!)
        .Concat(Variables(name).Select(v => (string?)v["definition"]).OfType<string>());

    private static IEnumerable<JsonNode> Variables(string name) => Dashboard(name)["templating"]!["list"]!.AsArray().Select(v => v!);

    [Fact]
    public void There_are_four_with_different_names()
    {
        Assert.Equal(4, DeployFiles.Dashboards.Count);
        Assert.Equal(4, DeployFiles.Dashboards.Select(d => (string)d.Json["uid"]!).Distinct().Count());
        Assert.Equal(4, DeployFiles.Dashboards.Select(d => (string)d.Json["title"]!).Distinct().Count());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Panels_have_different_titles_ids_and_places(string name)
    {
        var panels = Panels(name).ToList();
        Assert.All(panels, p => Assert.NotEqual("", (string)p["title"]!));
        Assert.Equal(panels.Count, panels.Select(p => (int)p["id"]!).Distinct().Count());
        var cells = panels.SelectMany(Cells).ToList();
        Assert.Equal(cells.Count, cells.Distinct().Count());
        Assert.All(cells, c => Assert.InRange(c.X, 0, 23));

        static IEnumerable<(int X, int Y)> Cells(JsonNode panel)
        {
            var place = panel["gridPos"]!;
            return from x in Enumerable.Range((int)place["x"]!, (int)place["w"]!)
                   from y in Enumerable.Range((int)place["y"]!, (int)place["h"]!)
                   select (x, y);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_query_goes_to_the_chosen_data_source_and_uses_variables_that_exist(string name)
    {
        var sources = Panels(name).SelectMany(p => (p["targets"]?.AsArray() ?? []).Select(t => t!["datasource"]).Append(p["datasource"]));
        Assert.All(sources.OfType<JsonNode>().Concat(Variables(name).Select(v => v["datasource"]).OfType<JsonNode>()), s =>
        {
            Assert.Equal("${datasource}", (string)s["uid"]!);
            Assert.Equal("prometheus", (string)s["type"]!);
        });
        var known = Variables(name).Select(v => (string)v["name"]!).Concat(BuiltIn).ToHashSet();
        Assert.Empty(Expressions(name).SelectMany(e => Variable().Matches(e)).Select(m => m.Groups[1].Value).Except(known));
        Assert.All(Variables(name).Where(v => (string?)v["type"] == "query"), v => Assert.Equal((string)v["definition"]!, (string)v["query"]!["query"]!));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_dashboard_asks_only_for_series_and_labels_that_the_host_emits(string name)
    {
        Assert.DoesNotContain(Expressions(name).SelectMany(PrometheusNames.In), n => !IsKnown(n));
        var legends = Panels(name).SelectMany(p => p["targets"]?.AsArray() ?? []).SelectMany(t => Legend().Matches((string?)t!["legendFormat"] ?? ""));
        Assert.DoesNotContain(legends.Select(m => m.Groups[1].Value), l => !IsLabel(l));
    }

    [Fact]
    public void Rules_ask_only_for_what_is_emitted_or_recorded_and_say_what_to_do()
    {
        var rules = ((YamlSequenceNode)DeployFiles.Yaml("prometheus/pluginhost.rules.yaml").Find("groups")!)
            .SelectMany(g => (YamlSequenceNode)g.Find("rules")!).ToList();
        var recorded = rules.Select(r => r.Find("record")?.ToString()).OfType<string>().ToHashSet();

        Assert.DoesNotContain(rules.SelectMany(r => PrometheusNames.In(r.Find("expr")!.ToString())), n => !IsKnown(n) && !recorded.Contains(n));
        foreach (var alert in rules.Where(r => r.Find("alert") is not null))
        {
            Assert.Contains(alert.Find("labels")!.Find("severity")!.ToString(), new[] { "info", "warning", "critical" });
            Assert.NotEqual("", alert.Find("annotations")!.Find("summary")!.ToString());
            Assert.NotEqual("", alert.Find("annotations")!.Find("description")!.ToString());
        }
    }

    [Fact]
    public void Every_metric_is_on_a_dashboard_or_in_a_rule()
    {
        var rules = File.ReadAllText(Path.Combine(DeployFiles.Folder, "prometheus", "pluginhost.rules.yaml"));
        var used = DeployFiles.Dashboards.SelectMany(d => Expressions(d.Name)).Append(rules).SelectMany(PrometheusNames.In).ToHashSet();

        Assert.Empty(PrometheusNames.Metrics.Where(m => !m.Any(used.Contains)).Select(m => m[0]));
    }

    [Fact]
    public void Every_alert_is_tested()
    {
        var tests = File.ReadAllText(Path.Combine(DeployFiles.Folder, "prometheus", "pluginhost.rules.test.yaml"));
        var rules = File.ReadAllText(Path.Combine(DeployFiles.Folder, "prometheus", "pluginhost.rules.yaml"));

        Assert.All(Alert().Matches(rules), m => Assert.Contains($"alertname: {m.Groups[1].Value}\n        exp_alerts:\n", tests, StringComparison.Ordinal));
    }

    private static bool IsKnown(string name) => PrometheusNames.Series.Contains(name) || IsLabel(name);

    private static bool IsLabel(string name) => PrometheusNames.Labels.Contains(name) || name is "job" or "instance" or "le";

    [GeneratedRegex(@"\$\{?(\w+)")]
    private static partial Regex Variable();

    [GeneratedRegex(@"\{\{(\w+)\}\}")]
    private static partial Regex Legend();

    [GeneratedRegex(@"- alert: (\w+)")]
    private static partial Regex Alert();
}
