namespace PluginHost.Budget.Calls;

/// <summary>What one run has used, for its span. The model calls of a run are sequential.</summary>
internal sealed class RunTotals
{
    public long Tokens { get; private set; }

    /// <summary>In billionths of the currency; null when no call had a price.</summary>
    public long? Cost { get; private set; }

    public void Add(long tokens, long? cost)
    {
        Tokens += tokens;
        if (cost is not null) Cost = (Cost ?? 0) + cost;
    }
}
