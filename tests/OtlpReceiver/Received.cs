using Google.Protobuf.Collections;
using PluginHost.Testing.Otlp;

namespace PluginHost.Testing;

/// <summary>A received span. Ids are lower case hexadecimal; attributes are strings, booleans, longs, doubles or lists of these.</summary>
public sealed record ReceivedSpan(
    string Scope, string Name, string TraceId, string SpanId, string? ParentId, int Kind, bool IsError, string StatusMessage)
{
    public required IReadOnlyDictionary<string, object?> Resource { get; init; }

    public required IReadOnlyDictionary<string, object?> Attributes { get; init; }

    /// <summary>The start in nanoseconds of Unix time.</summary>
    public ulong Start { get; init; }

    /// <summary>The end in nanoseconds of Unix time.</summary>
    public ulong End { get; init; }

    /// <summary>The keys in the received order, including duplicates.</summary>
    public required IReadOnlyList<string> AttributeKeys { get; init; }

    public required IReadOnlyList<(string Name, IReadOnlyDictionary<string, object?> Attributes)> Events { get; init; }

    /// <summary>Trace id and span id of each link.</summary>
    public required IReadOnlyList<(string TraceId, string SpanId)> Links { get; init; }
}

/// <summary>The latest value of one series of a metric: a number, or the sum and count of a histogram.</summary>
public sealed record ReceivedPoint(string Scope, string Name, string Unit, double Value, long Count)
{
    public required IReadOnlyDictionary<string, object?> Attributes { get; init; }

    public IReadOnlyList<double> Bounds { get; init; } = [];

    /// <summary>The trace ids of the exemplars.</summary>
    public IReadOnlyList<string> Exemplars { get; init; } = [];
}

/// <summary>A received log record.</summary>
public sealed record ReceivedLog(string Category, string Body, string TraceId)
{
    public required IReadOnlyDictionary<string, object?> Attributes { get; init; }
}

internal static class AttributeExtensions
{
    public static IReadOnlyDictionary<string, object?> ToDictionary(this RepeatedField<KeyValue>? attributes)
    {
        var all = new Dictionary<string, object?>(StringComparer.Ordinal);
        foreach (var attribute in attributes ?? []) all[attribute.Key] = ToObject(attribute.Value);
        return all;
    }

    private static object? ToObject(AnyValue? value) => value?.ValueCase switch
    {
        AnyValue.ValueOneofCase.StringValue => value.StringValue,
        AnyValue.ValueOneofCase.BoolValue => value.BoolValue,
        AnyValue.ValueOneofCase.IntValue => value.IntValue,
        AnyValue.ValueOneofCase.DoubleValue => value.DoubleValue,
        AnyValue.ValueOneofCase.ArrayValue => value.ArrayValue.Values.Select(ToObject).ToList(),
        _ => null,
    };
}
