using PluginHost.Budget.Ledger;
using PluginHost.Sdk;

namespace PluginHost.Budget.Calls;

/// <summary>A model call in progress.</summary>
internal sealed record MeteredCall(RunRequest Run, string Model, PriceOptions? Price, CallUsage Reserved, long Counted, Reservation Reservation);
