using System.Diagnostics;
using static PluginHost.Telemetry.TelemetryNames;

namespace PluginHost.Telemetry.Export;

/// <summary>Keeps the text of exceptions out of the spans of .NET's HTTP client and server: it may hold what a user wrote.</summary>
internal sealed class ExceptionTextFilter : IDisposable
{
    private readonly ActivityListener _listener = new()
    {
        ShouldListenTo = source => source.Name is "System.Net.Http" or "Microsoft.AspNetCore",
        // .NET adds only what the listener has not.
        ExceptionRecorder = static (_, exception, ref tags) =>
        {
            tags.Add(Attributes.ExceptionMessage, "");
            tags.Add(Attributes.ExceptionStackTrace, exception.StackTrace);
        },
    };

    public ExceptionTextFilter() => ActivitySource.AddActivityListener(_listener);

    public void Dispose() => _listener.Dispose();
}
