using System.Globalization;
using PluginHost.Budget.Ledger;
using PluginHost.Sdk;

namespace PluginHost.Budget.Limits;

/// <summary>A configured limit in the units of the ledger. Immutable.</summary>
internal sealed class Limit(LimitOptions options, string source, string currency)
{
    public Measure Measure => options.Measure;

    public Scope Scope => options.Per;

    public string WindowName => options.Window.ToString().ToLowerInvariant();

    public long Max { get; } = options.Measure == Measure.Money ? Money.ToUnits(options.Max) : (long)options.Max;

    /// <summary>Where the log has a warning; null for nowhere.</summary>
    public long? Warning => options.WarnAt is { } share ? Math.Max(1, (long)(Max * share)) : null;

    public int WarningPercent => (int)Math.Round(100 * options.WarnAt.GetValueOrDefault());

    /// <summary>Whether a call's amount is known before the call, so that what is reserved will be used.</summary>
    public bool IsExact => Measure is Measure.ModelCalls or Measure.ToolCalls;

    /// <summary>Which counter a run uses now.</summary>
    public CounterKey KeyOf(RunRequest run, DateTimeOffset now)
    {
        var tenant = run.Session.Key.Tenant;
        var (owner, name) = Scope switch
        {
            Scope.Run => (tenant, run.RunId),
            Scope.Session => (tenant, run.Session.Id),
            Scope.User => (tenant, run.User ?? ""),
            Scope.Agent => ("", run.Agent),
            _ => (tenant, ""),
        };
        return new CounterKey(source, Measure, Scope, options.Window, owner, name, StartOf(now));
    }

    /// <summary>When the budget begins anew; null for never.</summary>
    public DateTimeOffset? EndOf(DateTimeOffset now) => options.Window switch
    {
        Window.Hour => StartOf(now)!.Value.AddHours(1),
        Window.Day => StartOf(now)!.Value.AddDays(1),
        Window.Month => StartOf(now)!.Value.AddMonths(1),
        _ => null,
    };

    /// <summary>The refusal of a call whose budget is used up. Its window may have ended while it waited.</summary>
    public RunRefusedException Refuse(CounterKey key, DateTimeOffset now)
    {
        var end = EndOf(key.Start ?? now);
        var when = end is { } time ? string.Create(CultureInfo.InvariantCulture, $" It begins anew at {time:yyyy-MM-dd'T'HH:mm:ss'Z'}.") : "";
        return new RunRefusedException("budget_exceeded", $"The budget of {Describe()} is used up.{when}", end is { } later ? (later > now ? later - now : TimeSpan.Zero) : null);
    }

    /// <summary>The refusal of a call that waited for what other calls hold in reserve.</summary>
    public RunRefusedException RefuseReserved() => new(
        "budget_reserved", $"Other calls hold the rest of the budget of {Describe()} in reserve.", TimeSpan.FromSeconds(1));

    /// <summary>For example <c>5 USD per user and month</c>.</summary>
    public string Describe()
    {
        var what = Measure switch
        {
            Measure.Money => currency,
            Measure.ModelCalls => "model calls",
            Measure.ToolCalls => "tool calls",
            _ => "tokens",
        };
        var window = options.Window == Window.None ? "" : $" and {WindowName}";
        return string.Create(CultureInfo.InvariantCulture, $"{options.Max:#,0.######} {what} per {Scope.ToString().ToLowerInvariant()}{window}");
    }

    private DateTimeOffset? StartOf(DateTimeOffset now)
    {
        var day = new DateTimeOffset(now.UtcDateTime.Date, TimeSpan.Zero);
        return options.Window switch
        {
            Window.Hour => day.AddHours(now.UtcDateTime.Hour),
            Window.Day => day,
            Window.Month => day.AddDays(1 - day.Day),
            _ => null,
        };
    }
}
