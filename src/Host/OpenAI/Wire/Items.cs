using System.Text.Json;
using System.Text.Json.Serialization;

namespace PluginHost.OpenAI.Wire;

/// <summary>Something that was said or called: a member of a response's output, of its input, and of a conversation.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(MessageItem), "message")]
[JsonDerivedType(typeof(FunctionCallItem), "function_call")]
[JsonDerivedType(typeof(FunctionOutputItem), "function_call_output")]
[JsonDerivedType(typeof(CustomCallItem), "custom_tool_call")]
[JsonDerivedType(typeof(CustomOutputItem), "custom_tool_call_output")]
[JsonDerivedType(typeof(ReasoningItem), "reasoning")]
[JsonDerivedType(typeof(HostedItem))]
internal abstract record Item(string Id);

internal sealed record MessageItem(string Id, string Status, string Role, IReadOnlyList<Part> Content) : Item(Id)
{
    /// <summary>What the model's service gave with it, such as its phase.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Members { get; set; }
}

internal sealed record FunctionCallItem(string Id, string CallId, string Name, string Arguments, string Status) : Item(Id)
{
    /// <summary>What the model's server gave with the call and needs back, such as a signature.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Members { get; set; }
}

/// <param name="Id">The id.</param>
/// <param name="CallId">The call that is answered.</param>
/// <param name="Output">A text, or a list of parts.</param>
/// <param name="Status">Always completed.</param>
internal sealed record FunctionOutputItem(string Id, string CallId, JsonElement Output, string Status) : Item(Id);

internal sealed record CustomCallItem(string Id, string CallId, string Name, string Input, string Status) : Item(Id)
{
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Members { get; set; }
}

internal sealed record CustomOutputItem(string Id, string CallId, JsonElement Output, string Status) : Item(Id);

internal sealed record ReasoningItem(string Id, IReadOnlyList<Part> Summary, string Status) : Item(Id)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? EncryptedContent { get; init; }
}

/// <summary>An item of a type that the host does not know, with all of its members but the id.</summary>
internal sealed record HostedItem(string Id) : Item(Id)
{
    [JsonExtensionData]
    public Dictionary<string, JsonElement> Members { get; set; } = [];
}

/// <summary>A part of a message's content.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(OutputTextPart), "output_text")]
[JsonDerivedType(typeof(RefusalPart), "refusal")]
[JsonDerivedType(typeof(SummaryPart), "summary_text")]
[JsonDerivedType(typeof(InputTextPart), "input_text")]
[JsonDerivedType(typeof(InputImagePart), "input_image")]
[JsonDerivedType(typeof(InputFilePart), "input_file")]
[JsonDerivedType(typeof(InputAudioPart), "input_audio")]
internal abstract record Part;

internal sealed record OutputTextPart(string Text) : Part
{
    /// <summary>What the text refers to, as the model's service gave it.</summary>
    public IReadOnlyList<JsonElement> Annotations { get; init; } = [];

    /// <summary>Empty unless they were asked for.</summary>
    [JsonPropertyName("logprobs")]
    public IReadOnlyList<JsonElement> LogProbabilities { get; init; } = [];
}

internal sealed record RefusalPart(string Refusal) : Part;

internal sealed record SummaryPart(string Text) : Part;

internal sealed record InputTextPart(string Text) : Part;

internal sealed record InputImagePart(string? ImageUrl, string? FileId, string Detail) : Part;

internal sealed record InputFilePart : Part
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? FileId { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Filename { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? FileData { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? FileUrl { get; init; }
}

internal sealed record InputAudioPart(InputAudio InputAudio) : Part;

internal sealed record InputAudio(string Data, string Format);
