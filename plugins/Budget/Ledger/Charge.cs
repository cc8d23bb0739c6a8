namespace PluginHost.Budget.Ledger;

/// <summary>What a call used of a budget.</summary>
/// <param name="Key">The budget.</param>
/// <param name="Counter">Its counter in memory.</param>
/// <param name="Amount">In the units of its limit.</param>
/// <param name="Expires">When the counter may be deleted; null for never.</param>
internal readonly record struct Charge(CounterKey Key, Counter Counter, long Amount, DateTimeOffset? Expires);
