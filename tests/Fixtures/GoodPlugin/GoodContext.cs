using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using PluginHost.Sdk;

[assembly: Plugin("good-context", typeof(GoodPlugin.GoodContext), Options = typeof(GoodPlugin.GoodOptions))]

namespace GoodPlugin;

/// <summary>Options of every type.</summary>
/// <param name="Path">A path that must be given.</param>
/// <param name="Window">How many, at most 100.</param>
/// <param name="Big">A large number.</param>
/// <param name="Ratio">A ratio.</param>
/// <param name="Price">A price.</param>
/// <param name="Enabled">Whether it is enabled.</param>
/// <param name="Mode">See <see cref="Mode"/>.</param>
/// <param name="Timeout2">A value whose default cannot be a constant.</param>
/// <param name="Words">Words.</param>
/// <param name="Headers">Values by name.</param>
/// <param name="Retry">A section.</param>
/// <param name="Style">One of two values.</param>
/// <param name="Limit">A limit; null for none.</param>
public sealed record GoodOptions(
    [Required] string Path,
    [Range(1, 100)] int Window = 50,
    long Big = 5_000_000_000,
    [Range(0.0, 1.0)] double Ratio = 0.5,
    decimal Price = 1.25m,
    bool Enabled = true,
    Mode Mode = Mode.Careful,
    [DefaultValue("00:00:30")] TimeSpan Timeout2 = default,
    [MinLength(1)] IReadOnlyList<string>? Words = null,
    IReadOnlyDictionary<string, string>? Headers = null,
    Retry? Retry = null,
    [AllowedValues("short", "long")] string Style = "short",
    int? Limit = null);

public enum Mode
{
    Fast,
    Careful,
}

/// <param name="Attempts">How often.</param>
/// <param name="Delays">The delays between attempts.</param>
public sealed record Retry(int Attempts, TimeSpan[]? Delays = null);

/// <summary>A context provider that returns its options as instructions.</summary>
public sealed class GoodContext(GoodOptions options, PluginContext context) : IContextProvider
{
    public GoodOptions Options { get; } = options;

    public PluginContext Context { get; } = context;

    public ValueTask<ContextContribution> ProvideAsync(RunRequest request, CancellationToken cancellationToken) =>
        ValueTask.FromResult(new ContextContribution { Instructions = Options.ToString() });
}
