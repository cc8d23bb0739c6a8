using System.Diagnostics;
using static PluginHost.Telemetry.TelemetryNames;

namespace PluginHost.Telemetry.Spans;

/// <summary>Records an exception on the span whose own error it is, without its text, which may contain unredacted text of a user.</summary>
internal static class SpanException
{
    public static void Record(Activity? activity, Exception exception)
    {
        if (activity is not { IsAllDataRequested: true }) return;
        var tags = new ActivityTagsCollection
        {
            [Attributes.ExceptionType] = exception.GetType().FullName,
            [Attributes.ExceptionStackTrace] = exception.StackTrace,
        };
        activity.AddEvent(new(Events.Exception, tags: tags));
    }
}
