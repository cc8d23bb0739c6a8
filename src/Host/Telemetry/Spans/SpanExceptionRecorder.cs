using System.Diagnostics;
using System.Runtime.CompilerServices;
using static PluginHost.Telemetry.TelemetryNames;

namespace PluginHost.Telemetry.Spans;

/// <summary>
/// Records each exception on one span only, the innermost that saw it, however many stages it passes or wraps it. Without its
/// text: that may hold what a user wrote, as it was before a redaction. Thread-safe.
/// </summary>
internal sealed class SpanExceptions
{
    private readonly ConditionalWeakTable<Exception, object> _recorded = [];

    public void Record(Activity activity, Exception exception)
    {
        var isKnown = false;
        for (var e = exception; e is not null && !isKnown; e = e.InnerException) isKnown = !_recorded.TryAdd(e, this);
        if (isKnown) return;
        var tags = new ActivityTagsCollection
        {
            [Attributes.ExceptionType] = exception.GetType().FullName,
            [Attributes.ExceptionStackTrace] = exception.StackTrace,
        };
        activity.AddEvent(new(Events.Exception, tags: tags));
    }
}
