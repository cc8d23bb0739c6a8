using System.Diagnostics;
using PluginHost.Api;

namespace PluginHost.Telemetry;

/// <summary>The trace that a request belongs to.</summary>
internal sealed class RequestTrace : IRequestTrace
{
    public string? TraceId => Activity.Current?.TraceId.ToHexString();
}
