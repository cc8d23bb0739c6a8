using System.Text.Json.Serialization;

namespace PluginHost.OpenAI.Wire;

/// <summary>How chat, models and errors are written. Null is written, because clients distinguish it from absent; members that may be absent say so.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ErrorBody))]
[JsonSerializable(typeof(Model))]
[JsonSerializable(typeof(ModelList))]
[JsonSerializable(typeof(ChatCompletion))]
[JsonSerializable(typeof(ChatChunk))]
internal sealed partial class WireJson : JsonSerializerContext;
