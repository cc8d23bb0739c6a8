using System.Text.Json.Serialization;

namespace PluginHost.OpenAI.Wire;

/// <summary>How everything of this interface is written. Null is written: clients tell it from absent, which members say for themselves.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(ErrorBody))]
[JsonSerializable(typeof(Model))]
[JsonSerializable(typeof(ModelList))]

internal sealed partial class WireJson : JsonSerializerContext;
