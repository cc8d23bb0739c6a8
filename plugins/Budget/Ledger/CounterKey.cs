using System.Globalization;
using PluginHost.Budget.Limits;

namespace PluginHost.Budget.Ledger;

/// <summary>Which budget a counter belongs to.</summary>
/// <param name="Source">The entry of the chain. Entries of the same name in several agents share a budget.</param>
/// <param name="Measure">What is counted.</param>
/// <param name="Scope">Who has the budget.</param>
/// <param name="Window">How long the window is: windows of two lengths may begin at the same time.</param>
/// <param name="Owner">The tenant; empty for budgets over all tenants.</param>
/// <param name="Name">The session, user, agent or run; empty for a tenant's own budget.</param>
/// <param name="Start">The beginning of the window; null for none.</param>
internal readonly record struct CounterKey(string Source, Measure Measure, Scope Scope, Window Window, string Owner, string Name, DateTimeOffset? Start)
{
    /// <summary>The key in the database, beside <see cref="Owner"/> and <see cref="Name"/>.</summary>
    public string Budget => string.Create(
        CultureInfo.InvariantCulture, $"{Source} {Measure} {Scope} {Window} {Start?.ToUnixTimeSeconds() ?? 0}");
}
