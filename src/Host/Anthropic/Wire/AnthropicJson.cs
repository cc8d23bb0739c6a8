using System.Text.Json.Serialization;

namespace PluginHost.Anthropic.Wire;

/// <summary>How answers are written. Null is written where clients expect the member; members that may be absent say so.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(MessageAnswer))]
[JsonSerializable(typeof(StreamEvent))]
[JsonSerializable(typeof(ErrorMessage))]
[JsonSerializable(typeof(TokenCount))]
internal sealed partial class AnthropicJson : JsonSerializerContext;
