using System.Diagnostics;
using Microsoft.Extensions.AI;
using static PluginHost.Telemetry.TelemetryNames;

namespace PluginHost.Telemetry.Spans;

/// <summary>Records the request to the model on its span: as it leaves the last plugin, so after redaction.</summary>
internal static class InputRecorder
{
    /// <returns>The messages, which are enumerated once.</returns>
    public static IReadOnlyList<ChatMessage> Record(Activity? span, IEnumerable<ChatMessage> messages, ChatOptions? options)
    {
        var list = messages as IReadOnlyList<ChatMessage> ?? [.. messages];
        if (span is not { IsAllDataRequested: true }) return list;
        span.SetTag(Attributes.InputMessages, ContentJson.WriteMessages(list));
        if (options?.Instructions is { Length: > 0 } instructions) span.SetTag(Attributes.SystemInstructions, ContentJson.WriteInstructions(instructions));
        return list;
    }
}
