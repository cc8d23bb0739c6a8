using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using PluginHost.Budget.Limits;

namespace PluginHost.Budget.Ledger;

/// <summary>What a user has used of a budget, for an operator.</summary>
/// <param name="Entry">The entry of the chain.</param>
/// <param name="Measure">What is counted.</param>
/// <param name="Window">How long the window is.</param>
/// <param name="Start">The beginning of the window; null for none.</param>
/// <param name="Used">In the unit of the measure.</param>
internal sealed record UserBudget(string Entry, Measure Measure, Window Window, DateTimeOffset? Start, decimal Used)
{
    /// <summary>Reads what <see cref="CounterKey.Budget"/> wrote.</summary>
    public static JsonElement ToJson(string budget, long used)
    {
        var parts = budget.Split(' ');
        var (measure, start) = (Enum.Parse<Measure>(parts[^4]), long.Parse(parts[^1], CultureInfo.InvariantCulture));
        var found = new UserBudget(
            string.Join(' ', parts[..^4]),
            measure,
            Enum.Parse<Window>(parts[^2]),
            start == 0 ? null : DateTimeOffset.FromUnixTimeSeconds(start),
            measure == Measure.Money ? Money.FromUnits(used) : used);
        return JsonSerializer.SerializeToElement(found, UserBudgetJson.Default.UserBudget);
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UseStringEnumConverter = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(UserBudget))]
internal sealed partial class UserBudgetJson : JsonSerializerContext;
