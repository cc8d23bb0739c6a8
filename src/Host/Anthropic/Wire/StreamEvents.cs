using System.Text.Json.Serialization;

namespace PluginHost.Anthropic.Wire;

/// <summary>An event of a streamed answer; its type is the event's name too.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(MessageStart), MessageStart.Name)]
[JsonDerivedType(typeof(BlockStart), BlockStart.Name)]
[JsonDerivedType(typeof(BlockDelta), BlockDelta.Name)]
[JsonDerivedType(typeof(BlockStop), BlockStop.Name)]
[JsonDerivedType(typeof(MessageDelta), MessageDelta.Name)]
[JsonDerivedType(typeof(MessageStop), MessageStop.Name)]
internal abstract record StreamEvent;

internal sealed record MessageStart(MessageAnswer Message) : StreamEvent
{
    public const string Name = "message_start";
}

internal sealed record BlockStart(int Index, AnswerBlock ContentBlock) : StreamEvent
{
    public const string Name = "content_block_start";
}

internal sealed record BlockDelta(int Index, Delta Delta) : StreamEvent
{
    public const string Name = "content_block_delta";
}

internal sealed record BlockStop(int Index) : StreamEvent
{
    public const string Name = "content_block_stop";
}

internal sealed record MessageDelta(StopDelta Delta, MessageUsage Usage) : StreamEvent
{
    public const string Name = "message_delta";
}

internal sealed record MessageStop : StreamEvent
{
    public const string Name = "message_stop";
}

internal sealed record StopDelta(string StopReason)
{
    public string? StopSequence { get; }
}

/// <summary>What an event adds to a block.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(TextDelta), "text_delta")]
[JsonDerivedType(typeof(ThinkingDelta), "thinking_delta")]
[JsonDerivedType(typeof(SignatureDelta), "signature_delta")]
[JsonDerivedType(typeof(InputDelta), "input_json_delta")]
internal abstract record Delta;

internal sealed record TextDelta(string Text) : Delta;

internal sealed record ThinkingDelta(string Thinking) : Delta;

internal sealed record SignatureDelta(string Signature) : Delta;

internal sealed record InputDelta(string PartialJson) : Delta;
