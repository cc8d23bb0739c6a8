namespace PluginHost.Budget.Limits;

/// <summary>Amounts of money are whole billionths of the currency, so that sums are exact.</summary>
internal static class Money
{
    private const decimal UnitsPerOne = 1_000_000_000;
    private const decimal TokensPerPrice = 1_000_000;

    public static long ToUnits(decimal amount) => (long)decimal.Ceiling(amount * UnitsPerOne);

    public static decimal FromUnits(long units) => units / UnitsPerOne;

    /// <summary>What a call costs, rounded up to a unit.</summary>
    public static long CostOf(PriceOptions price, long input, long cachedInput, long output)
    {
        var cached = Math.Min(cachedInput, input);
        return ToUnits((((input - cached) * price.Input) + (cached * (price.CachedInput ?? price.Input)) + (output * price.Output)) / TokensPerPrice);
    }
}
