using PluginHost.Budget.Limits;

namespace PluginHost.Budget.Ledger;

/// <summary>What a call may use of one budget.</summary>
internal readonly record struct Claim(Limit Limit, CounterKey Key, long Amount);
