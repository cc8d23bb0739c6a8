using System.ComponentModel.DataAnnotations;
using PluginHost.Budget.Limits;

namespace PluginHost.Budget;

/// <summary>Options of the <c>budget</c> plugin. Prices are usually declared once, below <c>Plugins:budget</c>.</summary>
/// <param name="Limits">The limits; a run must be within all of them.</param>
/// <param name="Prices">The prices of models, by the model's name. A name also covers the dated versions of its model: <c>gpt-5</c> covers <c>gpt-5-2025-08-07</c>. Default: none.</param>
/// <param name="Currency">The currency of prices and limits, for messages and metrics. Default: USD.</param>
/// <param name="ReservedOutputTokens">
/// How many tokens of output are reserved for a model call that does not set a lower limit, 1 to 1,000,000. A larger answer than this raises the
/// reservation of later calls. Default: 4096.
/// </param>
/// <param name="Wait">How long a model call waits while other calls hold the rest of a budget in reserve, up to 20 seconds. Default: 10 seconds.</param>
public sealed record BudgetOptions(
    [MinLength(1)] IReadOnlyList<LimitOptions> Limits,
    IReadOnlyDictionary<string, PriceOptions>? Prices = null,
    [RegularExpression("[A-Za-z]{1,8}", ErrorMessage = "1 to 8 letters")] string Currency = "USD",
    [Range(1, 1_000_000)] int ReservedOutputTokens = 4096,
    [Range(typeof(TimeSpan), "00:00:00", "00:00:20")] TimeSpan? Wait = null) : IValidatableObject
{
    internal TimeSpan WaitLimit => Wait ?? TimeSpan.FromSeconds(10);

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        var seen = new HashSet<(Measure, Scope, Window)>();
        for (var i = 0; i < Limits.Count; i++)
        {
            var limit = Limits[i];
            foreach (var error in limit.FindErrors($"Limits:{i}")) yield return error;
            if (!seen.Add((limit.Measure, limit.Per, limit.Window)))
                yield return new ValidationResult("Another limit has the same Measure, Per and Window. Keep the lower one.", [$"Limits:{i}"]);
            if (limit.Measure == Measure.Money && Prices is null or { Count: 0 })
                yield return new ValidationResult("A limit of money needs prices. Set Prices for the models that the agents use.", [$"Limits:{i}:Measure"]);
        }
    }
}

/// <summary>One limit.</summary>
/// <param name="Measure">What is limited.</param>
/// <param name="Max">The most in a window, more than 0. A whole number, except for money.</param>
/// <param name="Per">Who has the budget.</param>
/// <param name="Window">After which time the budget begins anew, in UTC. <c>None</c>: never.</param>
/// <param name="WarnAt">The share of the budget, 0.01 to 1, at which the log has a warning. Default: none.</param>
public sealed record LimitOptions(
    Measure Measure,
    decimal Max,
    Scope Per,
    Window Window = Window.None,
    [Range(0.01, 1)] double? WarnAt = null)
{
    private const decimal Largest = 1_000_000_000;

    internal IEnumerable<ValidationResult> FindErrors(string place)
    {
        if (Max is <= 0 or > Largest) yield return new ValidationResult("Allowed: more than 0, up to 1,000,000,000.", [$"{place}:Max"]);
        if (Measure != Measure.Money && Max != decimal.Truncate(Max)) yield return new ValidationResult("Tokens and calls are whole numbers.", [$"{place}:Max"]);
        if (Per == Scope.Run && Window != Window.None) yield return new ValidationResult("A run has no window. Leave Window out, or set Per to session.", [$"{place}:Window"]);
    }
}

/// <summary>What a model costs.</summary>
/// <param name="Input">The price of a million input tokens, 0 or more.</param>
/// <param name="Output">The price of a million output tokens, reasoning included, 0 or more.</param>
/// <param name="AsOf">The date on which the price was looked up, for example <c>2026-11-01T00:00:00Z</c>. The log has a warning when it is more than a year old.</param>
/// <param name="CachedInput">The price of a million input tokens that the model read from its cache. Default: that of <paramref name="Input"/>.</param>
/// <param name="CacheWrite">The price of a million input tokens that the model wrote to its cache. Default: that of <paramref name="Input"/>.</param>
public sealed record PriceOptions(
    [Range(0, 1_000_000)] decimal Input,
    [Range(0, 1_000_000)] decimal Output,
    DateTimeOffset AsOf,
    [Range(0, 1_000_000)] decimal? CachedInput = null,
    [Range(0, 1_000_000)] decimal? CacheWrite = null);
