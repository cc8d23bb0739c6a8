using System.Diagnostics.Metrics;
using PluginHost.Budget.Limits;
using PluginHost.Sdk;

namespace PluginHost.Budget.Calls;

/// <summary>The metrics of the plugin, described in docs/plugins/budget.md. Thread-safe.</summary>
internal sealed class BudgetMetrics(PluginContext context, string currency)
{
    private readonly Counter<double> _cost = context.Meter.CreateCounter<double>(
        "pluginhost.budget.cost", $"{{{currency}}}", "What model calls cost by the configured prices.");

    private readonly Counter<long> _refusals = context.Meter.CreateCounter<long>(
        "pluginhost.budget.refusals", "{refusal}", "Runs, model calls and tool calls that a budget refused.");

    private readonly Counter<long> _warnings = context.Meter.CreateCounter<long>(
        "pluginhost.budget.warnings", "{warning}", "Budgets that reached the share at which to warn.");

    public void CountCall(string agent, string model, long? cost)
    {
        if (cost is { } units) _cost.Add((double)Money.FromUnits(units), new("gen_ai.agent.name", agent), new("gen_ai.request.model", model));
    }

    public void CountRefusal(string code) => _refusals.Add(1, new KeyValuePair<string, object?>("pluginhost.budget.code", code));

    public void CountWarning(Limit limit) => _warnings.Add(
        1,
        new("pluginhost.budget.measure", limit.Measure.ToString()),
        new KeyValuePair<string, object?>("pluginhost.budget.scope", limit.Scope.ToString()));
}
