namespace PluginHost.Budget.Limits;

/// <summary>Amounts of money are whole billionths of the currency, so that sums are exact.</summary>
internal static class Money
{
    private const decimal UnitsPerOne = 1_000_000_000;
    private const decimal TokensPerPrice = 1_000_000;

    public static long ToUnits(decimal amount) => (long)decimal.Ceiling(amount * UnitsPerOne);

    public static decimal FromUnits(long units) => units / UnitsPerOne;

    /// <summary>What a call costs, rounded up to a unit.</summary>
    public static long CostOf(PriceOptions price, long input, long cachedInput, long cacheWrites, long output)
    {
        var cached = Math.Min(cachedInput, input);
        var written = Math.Min(cacheWrites, input - cached);
        var costOfInput = ((input - cached - written) * price.Input) + (cached * (price.CachedInput ?? price.Input)) + (written * (price.CacheWrite ?? price.Input));
        return ToUnits((costOfInput + (output * price.Output)) / TokensPerPrice);
    }
}
