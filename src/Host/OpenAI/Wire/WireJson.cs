using System.Text.Json.Serialization;

namespace PluginHost.OpenAI.Wire;

/// <summary>How everything of this interface is written. Null is written: clients tell it from absent, which members say for themselves.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ErrorBody))]
[JsonSerializable(typeof(Model))]
[JsonSerializable(typeof(ModelList))]
[JsonSerializable(typeof(ChatCompletion))]
[JsonSerializable(typeof(ChatChunk))]
internal sealed partial class WireJson : JsonSerializerContext;
