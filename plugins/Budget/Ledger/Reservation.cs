namespace PluginHost.Budget.Ledger;

/// <summary>What a call holds until it is settled.</summary>
/// <param name="Claims">What it may use.</param>
/// <param name="Counters">The counter of each claim. One that is deleted meanwhile is no longer the one of its key.</param>
internal sealed record Reservation(IReadOnlyList<Claim> Claims, IReadOnlyList<Counter> Counters);
