using OpenTelemetry.Trace;

namespace PluginHost.Telemetry.Export;

/// <summary>The samplers that the standard variables name.</summary>
internal static class StandardSampler
{
    public const string Default = "parentbased_always_on";

    public static IReadOnlyList<string> Names { get; } =
    [
        "always_on", "always_off", "traceidratio", Default, "parentbased_always_off", "parentbased_traceidratio",
    ];

    public static Sampler Create(string name, double ratio) => name switch
    {
        "always_on" => new AlwaysOnSampler(),
        "always_off" => new AlwaysOffSampler(),
        "traceidratio" => new TraceIdRatioBasedSampler(ratio),
        "parentbased_always_off" => new ParentBasedSampler(new AlwaysOffSampler()),
        "parentbased_traceidratio" => new ParentBasedSampler(new TraceIdRatioBasedSampler(ratio)),
        _ => new ParentBasedSampler(new AlwaysOnSampler()),
    };
}
