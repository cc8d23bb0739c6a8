using System.Diagnostics;
using System.Globalization;
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

    // Attributes that are values of the whole trace, and attributes with content.
    private static readonly HashSet<string> ExcludedTags =
    [
        Attributes.ConversationId, Attributes.AgentName, Attributes.RunId,
        "gen_ai.system_instructions", "gen_ai.input.messages", "gen_ai.output.messages", "gen_ai.tool.definitions",
        "gen_ai.tool.call.arguments", "gen_ai.tool.call.result",
    ];

    private KeyValuePair<string, object>[] _tags = [];

    /// <summary>The span; null after the end of the run.</summary>
    public Activity? Activity { get; private set; } = activity;

    /// <summary>The index of the parent in the run; -1 for the span of the run.</summary>
    public int Parent { get; } = parent;

    public string Name { get; private set; } = activity.DisplayName;

    public ActivityKind Kind { get; } = activity.Kind;

    public ActivitySpanId Id { get; } = activity.SpanId;

    public DateTime Start { get; } = activity.StartTimeUtc;

    /// <summary>The duration; null when the span was open at the end of the run.</summary>
    public TimeSpan? Duration { get; private set; }

    public bool IsError { get; private set; }

    /// <summary>The attributes. Values are strings, booleans and numbers.</summary>
    public IReadOnlyList<KeyValuePair<string, object>> Tags => _tags;

    public int DroppedTags { get; private set; }

    /// <summary>Copies the values of the span at its end.</summary>
    /// <param name="limit">The maximum memory of the run.</param>
    /// <param name="bytes">The current memory of the run.</param>
    public void End(int limit, ref int bytes)
    {
        var span = Activity!;
        Name = span.DisplayName;
        Duration = span.Duration;
        IsError = span.Status == ActivityStatusCode.Error;
        var tags = new List<KeyValuePair<string, object>>(8);
        foreach (ref readonly var tag in span.EnumerateTagObjects())
        {
            if (tag.Value is null || ExcludedTags.Contains(tag.Key)) continue;
            var value = Copy(tag.Value);
            var size = BytesPerTag + (2 * (tag.Key.Length + ((value as string)?.Length ?? 0)));
            if (tags.Count == MaxTags || tag.Key.Length > MaxKeyLength || bytes + size > limit)
            {
                DroppedTags++;
                continue;
            }

            bytes += size;
            tags.Add(new(tag.Key, value));
        }

        _tags = [.. tags];
    }

    public void Release() => Activity = null;

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

    private static string Shorten(string text)
    {
        if (text.Length <= MaxTextLength) return text;
        var length = char.IsHighSurrogate(text[MaxTextLength - 2]) ? MaxTextLength - 2 : MaxTextLength - 1;
        return string.Concat(text.AsSpan(0, length), "…");
    }
}
