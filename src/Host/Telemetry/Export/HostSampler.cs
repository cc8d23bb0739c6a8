using OpenTelemetry.Trace;

namespace PluginHost.Telemetry.Export;

/// <summary>
/// The sampler that the standard variables name, without one kind of span: inside a middleware, the tool loop of
/// Microsoft.Extensions.AI does not see that an agent is being invoked, and would add a span around its rounds that has no
/// place in the tree of a run.
/// </summary>
internal sealed class HostSampler(Sampler inner) : Sampler
{
    public const string Default = "parentbased_always_on";

    /// <summary>The span that is never made.</summary>
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
