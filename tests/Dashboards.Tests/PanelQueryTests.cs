namespace PluginHost.Dashboards;

/// <summary>What queries have to say for hosts that the tests do not run: several of them, some without plugins, others whose plugins call models.</summary>
public sealed class PanelQueryTests
{
    [Fact]
    public void Embeddings_and_the_calls_of_plugins_are_no_model_calls_of_runs() =>
        Assert.Contains("gen_ai_operation_name=\"chat\",pluginhost_plugin_name=\"\"", QueryOf("Model calls per run"), StringComparison.Ordinal);

    [Fact]
    public void A_host_whose_telemetry_does_not_arrive_is_not_hidden_by_the_others() =>
        Assert.StartsWith("max by (pluginhost_telemetry_signal, pluginhost_telemetry_exporter) (time() - ", QueryOf("Time since the last success"), StringComparison.Ordinal);

    /// <summary>A host that has loaded no plugin has no load context.</summary>
    [Fact]
    public void Hosts_without_plugins_are_counted_and_can_be_chosen()
    {
        Assert.Contains("pluginhost_run_parked", QueryOf("Reporting hosts"), StringComparison.Ordinal);
        Assert.All(PanelQuery.VariableQueries.Where(v => v.Label == "job"), v => Assert.Equal("pluginhost_run_parked", v.Series));
    }

    private static string QueryOf(string panel) => PanelQuery.All.Single(q => q.Panel == panel).Expression;
}
