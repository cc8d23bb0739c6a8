using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;
using PluginHost.Http.Binding;

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
internal abstract record ContentPart : ICheckedBody
{
    public static ContentPart FromText(string text) => new TextPart(text);

    /// <summary>Throws what the platform's type throws, which becomes an error of the part. Large data need not be decoded for that.</summary>
    public void Check(InputErrors errors) => MessageJson.ToContent(this is DataPart data ? data with { Data = "" } : this);
}

[Description("Text.")]
internal sealed record TextPart(string Text) : ContentPart;

[Description("What the model thought before it answered.")]
internal sealed record ReasoningPart(
    string? Text = null,
    [property: Description("Opaque to all but the model's service; send it back as it is.")] string? ProtectedData = null) : ContentPart;

[Description("Bytes, for example an image.")]
internal sealed record DataPart(
    [property: MediaType, Description("For example image/png.")] string MediaType,
    [property: Base64Text, Description("The bytes in base64.")] string Data,
    string? Name = null) : ContentPart;

[Description("A reference to data elsewhere.")]
internal sealed record UriPart(
    [property: AbsoluteUri, Description("An absolute URI.")] string Uri,
    [property: MediaType, Description("For example image/png.")] string MediaType) : ContentPart;

[Description("The model calls a tool, with an object as arguments or none. Only in messages of the role assistant.")]
internal sealed record FunctionCallPart(
    [property: MinLength(1)] string CallId,
    [property: MinLength(1)] string Name,
    [property: AnyObject] JsonElement? Arguments = null,
    [property: Description("The arguments as the model wrote them, when that is not a JSON object.")] string? ArgumentsText = null) : ContentPart;

[Description("What a tool returned, any JSON value. Only in messages of the role tool.")]
internal sealed record FunctionResultPart(
    [property: MinLength(1)] string CallId,
    JsonElement? Result = null) : ContentPart;

[Description("Something that went wrong without ending the run.")]
internal sealed record ErrorPart(string Message, string? Code = null) : ContentPart;
