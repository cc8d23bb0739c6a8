using System.Diagnostics;
using System.Runtime.CompilerServices;
using static PluginHost.Telemetry.TelemetryNames;

namespace PluginHost.Telemetry.Spans;

/// <summary>
/// Records each exception only on the innermost span, even when stages rethrow or wrap it. Does not record its text, which may contain
/// unredacted text of a user. Thread-safe.
/// </summary>
internal sealed class SpanExceptionRecorder
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
