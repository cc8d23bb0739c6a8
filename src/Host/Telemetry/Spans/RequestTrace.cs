using System.Diagnostics;
using PluginHost.Http;

namespace PluginHost.Telemetry.Spans;

/// <summary>The trace of the current request.</summary>
internal sealed class RequestTrace : IRequestTrace
{
    public string? TraceId => Activity.Current?.TraceId.ToHexString();
}
