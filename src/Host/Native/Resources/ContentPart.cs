using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Serialization;
using PluginHost.Http.Description;

namespace PluginHost.Native.Resources;

/// <summary>One part of a message's content.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(TextPart), "text")]
[JsonDerivedType(typeof(ReasoningPart), "reasoning")]
[JsonDerivedType(typeof(DataPart), "data")]
[JsonDerivedType(typeof(UriPart), "uri")]
[JsonDerivedType(typeof(FunctionCallPart), "function_call")]
[JsonDerivedType(typeof(FunctionResultPart), "function_result")]
[JsonDerivedType(typeof(ErrorPart), "error")]
internal abstract record ContentPart;

[Description("Text.")]
internal sealed record TextPart(string Text) : ContentPart;

[Description("What the model thought before it answered.")]
internal sealed record ReasoningPart(string? Text) : ContentPart
{
    [Description("Opaque to all but the model's service; send it back as it is.")]
    public string? ProtectedData { get; init; }
}

[Description("Bytes, for example an image.")]
internal sealed record DataPart(
    [property: Description("For example image/png.")] string MediaType,
    [property: Description("The bytes in base64.")] string Data) : ContentPart
{
    public string? Name { get; init; }
}

[Description("A reference to data elsewhere.")]
internal sealed record UriPart(
    [property: Description("An absolute URI.")] string Uri,
    [property: Description("For example image/png.")] string MediaType) : ContentPart;

[Description("The model calls a tool. Only in messages of the role assistant.")]
internal sealed record FunctionCallPart(string CallId, string Name) : ContentPart
{
    [Description("The arguments as an object; none when left out.")]
    [JsonObjectSchema]
    public JsonElement? Arguments { get; init; }
}

[Description("What a tool returned. Only in messages of the role tool.")]
internal sealed record FunctionResultPart(string CallId) : ContentPart
{
    [Description("Any JSON value.")]
    public JsonElement? Result { get; init; }
}

[Description("Something that went wrong without ending the run.")]
internal sealed record ErrorPart(string Message) : ContentPart
{
    public string? Code { get; init; }
}
