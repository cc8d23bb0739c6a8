using Microsoft.Extensions.AI;
using PluginHost.Budget.Ledger;
using PluginHost.Budget.Limits;
using PluginHost.Sdk;

namespace PluginHost.Budget.Calls;

/// <summary>Applies the limits of one entry to the calls of its agent's runs. Thread-safe.</summary>
internal sealed class BudgetGate(BudgetOptions options, PluginContext context, UsageLedger ledger)
{
    private readonly Limit[] _limits = [.. options.Limits.Select(l => new Limit(l, context.SourceId, options.Currency))];
    private readonly PriceList _prices = new(options.Prices);
    private readonly TokenEstimate _estimate = new(options.ReservedOutputTokens);
    private readonly BudgetMetrics _metrics = new(context, options.Currency);

    /// <summary>Refuses a run whose budgets are used up, before any other plugin works for it.</summary>
    /// <exception cref="RunRefusedException">A budget is used up.</exception>
    public void BeginRun(RunRequest run)
    {
        var now = context.TimeProvider.GetUtcNow();
        Refuse(() => ledger.Check(Claim(run, _ => true, _ => 0), now));
    }

    /// <summary>Reserves what a model call may use.</summary>
    /// <exception cref="RunRefusedException">A budget is used up, or the model has no price.</exception>
    public async ValueTask<MeteredCall> BeginCallAsync(
        RunRequest run, string model, IReadOnlyList<ChatMessage> messages, ChatOptions? chat, CancellationToken cancellationToken)
    {
        var price = _prices.Find(model);
        if (price is null && _limits.Any(l => l.Measure == Measure.Money))
        {
            _metrics.CountRefusal("price_unknown");
            throw new RunRefusedException(
                "price_unknown", $"A budget limits the cost, and the model '{model}' has no price. An operator sets it in Prices of the plugin '{context.SourceId}'.");
        }

        var reserved = _estimate.Before(model, messages, chat, out var counted);
        // The input may be written to a cache or not: reserve what costs more.
        var most = reserved with { CacheWrites = price?.CacheWrite > price?.Input ? reserved.Input : 0 };
        var claims = Claim(run, l => l.Measure != Measure.ToolCalls, l => AmountOf(l.Measure, most, price));
        try
        {
            var reservation = await ledger.ReserveAsync(claims, options.WaitLimit, cancellationToken);
            return new MeteredCall(run, model, price, reserved, counted, reservation);
        }
        catch (RunRefusedException e)
        {
            _metrics.CountRefusal(e.Code);
            throw;
        }
    }

    /// <summary>Charges what a model call used.</summary>
    public async ValueTask EndCallAsync(MeteredCall call, CallUsage used, bool isReported, RunTotals totals)
    {
        if (isReported) _estimate.Learn(call.Model, call.Counted, used);
        long? cost = call.Price is { } price ? Money.CostOf(price, used.Input, used.CachedInput, used.CacheWrites, used.Output) : null;
        totals.Add(used.Tokens, cost);
        _metrics.CountCall(call.Run.Agent, call.Model, cost);
        await ledger.SettleAsync(call.Reservation, claim => AmountOf(claim.Limit.Measure, used, call.Price), Warn);
    }

    /// <summary>Counts the call of a tool.</summary>
    /// <exception cref="RunRefusedException">The budget is used up.</exception>
    public async ValueTask CountToolAsync(RunRequest run, CancellationToken cancellationToken)
    {
        var claims = Claim(run, l => l.Measure == Measure.ToolCalls, _ => 1);
        if (claims.Length == 0) return;
        Reservation reservation;
        try
        {
            reservation = await ledger.ReserveAsync(claims, TimeSpan.Zero, cancellationToken);
        }
        catch (RunRefusedException e)
        {
            _metrics.CountRefusal(e.Code);
            throw;
        }

        await ledger.SettleAsync(reservation, claim => claim.Amount, Warn);
    }

    /// <summary>Looks for prices that should be looked up again.</summary>
    public void CheckPrices()
    {
        var old = context.TimeProvider.GetUtcNow().AddYears(-1);
        foreach (var (model, price) in _prices.All)
        {
            if (price.AsOf < old) Log.OldPrice(context.Logger, model, price.AsOf.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture));
        }
    }

    private static long AmountOf(Measure measure, CallUsage usage, PriceOptions? price) => measure switch
    {
        Measure.Tokens => usage.Tokens,
        Measure.Money => price is null ? 0 : Money.CostOf(price, usage.Input, usage.CachedInput, usage.CacheWrites, usage.Output),
        _ => 1,
    };

    private Claim[] Claim(RunRequest run, Func<Limit, bool> applies, Func<Limit, long> amount)
    {
        var now = context.TimeProvider.GetUtcNow();
        return [.. _limits.Where(applies).Select(l => new Claim(l, l.KeyOf(run, now), amount(l)))];
    }

    private void Refuse(Action check)
    {
        try
        {
            check();
        }
        catch (RunRefusedException e)
        {
            _metrics.CountRefusal(e.Code);
            throw;
        }
    }

    private void Warn(Claim claim)
    {
        _metrics.CountWarning(claim.Limit);
        Log.Warned(context.Logger, claim.Key.Owner.Length == 0 ? $"The agent '{claim.Key.Name}'" : $"The tenant '{claim.Key.Owner}'", claim.Limit.WarningPercent, claim.Limit.Describe());
    }
}
