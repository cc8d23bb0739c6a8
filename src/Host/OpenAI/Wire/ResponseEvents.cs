using System.Text.Json;
using System.Text.Json.Serialization;

namespace PluginHost.OpenAI.Wire;

/// <summary>An event of a streamed response.</summary>
/// <param name="Type">For example <c>response.output_text.delta</c>.</param>
/// <param name="SequenceNumber">Rises by one with each event of the response, from 0.</param>
internal abstract record ResponseEvent(string Type, long SequenceNumber);

internal sealed record WholeResponseEvent(string Type, long SequenceNumber, Response Response) : ResponseEvent(Type, SequenceNumber);

internal sealed record ItemEvent(string Type, long SequenceNumber, int OutputIndex, Item Item) : ResponseEvent(Type, SequenceNumber);

internal sealed record PartEvent(string Type, long SequenceNumber, string ItemId, int OutputIndex, int ContentIndex, Part Part)
    : ResponseEvent(Type, SequenceNumber);

internal sealed record SummaryPartEvent(string Type, long SequenceNumber, string ItemId, int OutputIndex, int SummaryIndex, Part Part)
    : ResponseEvent(Type, SequenceNumber);

internal sealed record SummaryDeltaEvent(string Type, long SequenceNumber, string ItemId, int OutputIndex, int SummaryIndex, string Delta)
    : ResponseEvent(Type, SequenceNumber);

internal sealed record SummaryDoneEvent(string Type, long SequenceNumber, string ItemId, int OutputIndex, int SummaryIndex, string Text)
    : ResponseEvent(Type, SequenceNumber);

internal sealed record TextDeltaEvent(string Type, long SequenceNumber, string ItemId, int OutputIndex, int ContentIndex, string Delta)
    : ResponseEvent(Type, SequenceNumber)
{
    /// <summary>Empty unless they were asked for.</summary>
    [JsonPropertyName("logprobs")]
    public IReadOnlyList<JsonElement> LogProbabilities { get; init; } = [];
}

internal sealed record TextDoneEvent(string Type, long SequenceNumber, string ItemId, int OutputIndex, int ContentIndex, string Text)
    : ResponseEvent(Type, SequenceNumber)
{
    /// <summary>As above.</summary>
    [JsonPropertyName("logprobs")]
    public IReadOnlyList<JsonElement> LogProbabilities { get; init; } = [];
}

internal sealed record RefusalDeltaEvent(string Type, long SequenceNumber, string ItemId, int OutputIndex, int ContentIndex, string Delta)
    : ResponseEvent(Type, SequenceNumber);

internal sealed record RefusalDoneEvent(string Type, long SequenceNumber, string ItemId, int OutputIndex, int ContentIndex, string Refusal)
    : ResponseEvent(Type, SequenceNumber);

internal sealed record ArgumentsDeltaEvent(string Type, long SequenceNumber, string ItemId, int OutputIndex, string Delta)
    : ResponseEvent(Type, SequenceNumber);

internal sealed record CustomInputDoneEvent(string Type, long SequenceNumber, string ItemId, int OutputIndex, string Input)
    : ResponseEvent(Type, SequenceNumber);

internal sealed record ArgumentsDoneEvent(string Type, long SequenceNumber, string ItemId, int OutputIndex, string Name, string Arguments)
    : ResponseEvent(Type, SequenceNumber);

internal sealed record AnnotationEvent(string Type, long SequenceNumber, string ItemId, int OutputIndex, int ContentIndex, int AnnotationIndex, JsonElement Annotation)
    : ResponseEvent(Type, SequenceNumber);

/// <summary>An event about an item that passes as it is.</summary>
internal sealed record HostedEvent(string Type, long SequenceNumber, string ItemId, int OutputIndex) : ResponseEvent(Type, SequenceNumber)
{
    [JsonExtensionData]
    public Dictionary<string, JsonElement> Members { get; set; } = [];
}
