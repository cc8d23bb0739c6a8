using System.Text.Json.Serialization;

namespace PluginHost.OpenAI.Wire;

/// <summary>How responses, their events and conversations are written.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    // A schema of the caller may be as deep as a value may be.
    MaxDepth = 1000)]
[JsonSerializable(typeof(Response))]
[JsonSerializable(typeof(CompactedResponse))]
[JsonSerializable(typeof(Item))]
[JsonSerializable(typeof(Part))]
[JsonSerializable(typeof(ItemList))]
[JsonSerializable(typeof(Deleted))]
[JsonSerializable(typeof(InputTokens))]
[JsonSerializable(typeof(Conversation))]
[JsonSerializable(typeof(WholeResponseEvent))]
[JsonSerializable(typeof(ItemEvent))]
[JsonSerializable(typeof(PartEvent))]
[JsonSerializable(typeof(SummaryPartEvent))]
[JsonSerializable(typeof(SummaryDeltaEvent))]
[JsonSerializable(typeof(SummaryDoneEvent))]
[JsonSerializable(typeof(TextDeltaEvent))]
[JsonSerializable(typeof(TextDoneEvent))]
[JsonSerializable(typeof(RefusalDeltaEvent))]
[JsonSerializable(typeof(RefusalDoneEvent))]
[JsonSerializable(typeof(ArgumentsDeltaEvent))]
[JsonSerializable(typeof(ArgumentsDoneEvent))]
[JsonSerializable(typeof(CustomInputDoneEvent))]
[JsonSerializable(typeof(AnnotationEvent))]
[JsonSerializable(typeof(HostedEvent))]
[JsonSerializable(typeof(SocketError))]
[JsonSerializable(typeof(SteerFailed))]
internal sealed partial class ResponsesJson : JsonSerializerContext;
