namespace PluginHost.Dashboards;

/// <summary>Runs the queries of dashboards and rules on a real Prometheus that scrapes a host with runs of all outcomes.</summary>
public sealed class DashboardTests(LoadedHost loaded) : IClassFixture<LoadedHost>
{
    public static TheoryData<string, string, string> Queries { get; } = ToTheory();

    [Theory]
    [MemberData(nameof(Queries))]
    public async Task A_panels_query_returns_data(string dashboard, string panel, string query)
    {
        var panelQuery = PanelQuery.All.Single(q => (q.Dashboard, q.Panel, q.Query) == (dashboard, panel, query));

        Assert.NotEmpty(await loaded.Prometheus.QueryAsync(panelQuery.Filled));
    }

    /// <summary>Draws each dashboard into the folder of the tests, or into that which the variable names.</summary>
    [Fact]
    public async Task No_panel_is_empty_and_no_table_has_empty_cells()
    {
        var missing = new List<string>();
        var folder = Directory.CreateDirectory(Environment.GetEnvironmentVariable("PLUGINHOST_TEST_PICTURES") ?? Path.Combine(AppContext.BaseDirectory, "pictures"));
        foreach (var (dashboard, panels) in DashboardPanel.All)
        {
            var drawn = new List<(DashboardPanel, PanelData)>();
            foreach (var panel in panels)
            {
                var data = await PanelData.ReadAsync(loaded.Prometheus, panel);
                drawn.Add((panel, data));
                if (data.Missing(panel) is { } why) missing.Add($"{dashboard}, {panel.Title}: {why}");
            }

            await File.WriteAllTextAsync(Path.Combine(folder.FullName, Path.ChangeExtension(dashboard, ".svg")), DashboardPicture.Draw(drawn));
        }

        Assert.Empty(missing);
    }

    [Fact]
    public async Task Every_variable_has_values()
    {
        foreach (var (name, series, label) in PanelQuery.VariableQueries)
        {
            var values = await loaded.Prometheus.LabelValuesAsync(series, label);
            Assert.True(values.Count > 0, $"{name} has no values.");
        }
    }

    [Fact]
    public async Task The_metrics_distinguish_outcomes_and_failures()
    {
        var outcomes = await loaded.Prometheus.LabelValuesAsync("pluginhost_run_duration_seconds_count", "pluginhost_run_outcome");
        var failures = await loaded.Prometheus.QueryAsync("""sum by (pluginhost_plugin_name) (pluginhost_plugin_call_duration_seconds_count{error_type!=""})""");

        // A run that is left has another process to end it.
        Assert.Equal(["cancelled", "completed", "failed", "refused", "requires_action"], outcomes.Order(StringComparer.Ordinal));
        Assert.Contains(failures, f => (string?)f["metric"]!["pluginhost_plugin_name"] == "slow");
    }

    [Fact]
    public async Task Exemplars_refer_to_traces()
    {
        foreach (var query in PanelQuery.All.Where(q => q.HasExemplars).DistinctBy(q => q.Filled))
            Assert.True((await loaded.Prometheus.ExemplarsAsync(query.Filled)).Count > 0, $"{query.Dashboard}, {query.Panel} has no exemplars.");
    }

    [Fact]
    public async Task Every_rule_is_evaluated_and_every_recording_rule_returns_data()
    {
        var rules = await loaded.Prometheus.RulesAsync();

        Assert.All(rules, r => Assert.Equal("ok", (string?)r["health"]));
        foreach (var rule in rules.Where(r => (string?)r["type"] == "recording"))
            Assert.NotEmpty(await loaded.Prometheus.QueryAsync((string)rule["name"]!));
    }

    private static TheoryData<string, string, string> ToTheory()
    {
        var data = new TheoryData<string, string, string>();
        foreach (var query in PanelQuery.All) data.Add(query.Dashboard, query.Panel, query.Query);
        return data;
    }
}
