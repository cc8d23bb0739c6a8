using System.Diagnostics;
using System.Globalization;
using PluginHost.Engine.Observation;
using static PluginHost.Telemetry.TelemetryNames;

namespace PluginHost.Telemetry.RunTraces;

/// <summary>One recorded span. Holds copies of values, because objects of plugins would keep their load contexts alive.</summary>
internal sealed class RecordedSpan(Activity activity, int parent)
{
    /// <summary>The approximate memory of a span without its attributes.</summary>
    public const int Bytes = 300;

    private const int BytesPerTag = 64;
    private const int MaxTags = 64;
    private const int MaxKeyLength = 128;
    private const int MaxTextLength = 1024;
    private const int MaxNameLength = 256;

    // Attributes that are values of the whole trace, and attributes with content.
    private static readonly HashSet<string> ExcludedTags =
    [
        Attributes.ConversationId, Attributes.AgentName, Attributes.RunId,
        Attributes.SystemInstructions, Attributes.InputMessages, Attributes.OutputMessages, Attributes.ToolDefinitions,
        Attributes.ToolArguments, Attributes.ToolResult, Attributes.UserId,
    ];

    private TraceSpan? _ended;

    public Activity Activity { get; } = activity;

    /// <summary>The span; without a duration while it is open.</summary>
    public TraceSpan ToSpan() => _ended
        ?? new TraceSpan(parent, Shorten(NameOf(Activity), MaxNameLength), KindOf(Activity.Kind), Activity.SpanId.ToHexString(), Activity.StartTimeUtc);

    /// <summary>The span with what is known of it so far. Its flow may add attributes meanwhile.</summary>
    public TraceSpan Read()
    {
        var bytes = 0;
        // A span that waits for its output has ended and has its duration.
        return _ended ?? Copy(RecordedRun.MaxBytes, ref bytes) with { Duration = Activity.Duration == default ? null : Activity.Duration };
    }

    /// <summary>Copies the values of the span at its end.</summary>
    /// <param name="limit">The maximum memory of the run.</param>
    /// <param name="bytes">The current memory of the run.</param>
    public void End(int limit, ref int bytes)
    {
        bytes += 2 * Math.Min(MaxNameLength, Activity.DisplayName.Length);
        _ended = Copy(limit, ref bytes) with { Duration = Activity.Duration };
    }

    private TraceSpan Copy(int limit, ref int bytes)
    {
        var tags = new List<KeyValuePair<string, object>>(8);
        var dropped = 0;
        foreach (ref readonly var tag in Activity.EnumerateTagObjects())
        {
            if (tag.Value is null || ExcludedTags.Contains(tag.Key)) continue;
            var value = Copy(tag.Value);
            var size = BytesPerTag + (2 * (tag.Key.Length + ((value as string)?.Length ?? 0)));
            if (tags.Count == MaxTags || tag.Key.Length > MaxKeyLength || bytes + size > limit)
            {
                dropped++;
                continue;
            }

            bytes += size;
            tags.Add(new(tag.Key, value));
        }

        return ToSpan() with
        {
            OwnTime = Take(tags, Attributes.OwnTime) is double seconds ? TimeSpan.FromSeconds(seconds) : null,
            IsError = Activity.Status == ActivityStatusCode.Error,
            ErrorType = Take(tags, Attributes.ErrorType) as string,
            Attributes = [.. tags],
            DroppedAttributes = dropped,
        };
    }

    private static object? Take(List<KeyValuePair<string, object>> tags, string key)
    {
        var index = tags.FindIndex(t => t.Key == key);
        if (index < 0) return null;
        var value = tags[index].Value;
        tags.RemoveAt(index);
        return value;
    }

    /// <summary>An agent's span gets its name at its end.</summary>
    private static string NameOf(Activity activity) =>
        activity.DisplayName == SpanNames.OpenAgent ? $"{SpanNames.InvokeAgent} {activity.GetTagItem(Attributes.AgentName)}" : activity.DisplayName;

    private static string KindOf(ActivityKind kind) => kind switch
    {
        ActivityKind.Server => "server",
        ActivityKind.Client => "client",
        ActivityKind.Producer => "producer",
        ActivityKind.Consumer => "consumer",
        _ => "internal",
    };

    /// <summary>Copies a value. Does not call types of plugins, whose exceptions would reach the code that ends the span.</summary>
    private static object Copy(object value) => value switch
    {
        bool or int or long or double => value,
        string text => Shorten(text),
        string[] texts => Shorten(string.Join(", ", texts.Take(MaxTags))),
        Enum enumValue => enumValue.ToString(),
        IFormattable other when other.GetType().Assembly == typeof(object).Assembly => other.ToString(null, CultureInfo.InvariantCulture),
        _ => value.GetType().Name,
    };

    private static string Shorten(string text, int limit = MaxTextLength)
    {
        if (text.Length <= limit) return text;
        var length = char.IsHighSurrogate(text[limit - 2]) ? limit - 2 : limit - 1;
        return string.Concat(text.AsSpan(0, length), "…");
    }
}
