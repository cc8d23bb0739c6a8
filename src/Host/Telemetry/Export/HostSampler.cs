using OpenTelemetry.Trace;

namespace PluginHost.Telemetry.Export;

/// <summary>
/// The sampler of the standard variables, without one kind of span: inside a middleware, the tool loop of Microsoft.Extensions.AI does
/// not recognise the agent's span and would add a redundant span around its rounds.
/// </summary>
internal sealed class HostSampler(Sampler inner) : Sampler
{
    public const string Default = "parentbased_always_on";

    /// <summary>The span that is never sampled.</summary>
    public const string DroppedSpan = "orchestrate_tools";

    public static IReadOnlyList<string> Names { get; } =
    [
        "always_on", "always_off", "traceidratio", Default, "parentbased_always_off", "parentbased_traceidratio",
    ];

    public static HostSampler Create(string name, double ratio) => new(name switch
    {
        "always_on" => new AlwaysOnSampler(),
        "always_off" => new AlwaysOffSampler(),
        "traceidratio" => new TraceIdRatioBasedSampler(ratio),
        "parentbased_always_off" => new ParentBasedSampler(new AlwaysOffSampler()),
        "parentbased_traceidratio" => new ParentBasedSampler(new TraceIdRatioBasedSampler(ratio)),
        _ => new ParentBasedSampler(new AlwaysOnSampler()),
    });

    public override SamplingResult ShouldSample(in SamplingParameters samplingParameters) =>
        samplingParameters.Name == DroppedSpan ? new(SamplingDecision.Drop) : inner.ShouldSample(samplingParameters);
}
