using System.Text.Json;
using System.Text.Json.Serialization;
using PluginHost.OpenAI.Items;

namespace PluginHost.OpenAI.Wire;

/// <summary>How chat, models and errors are written. Null is written, because clients distinguish it from absent; members that may be absent say so.</summary>
// A field that a caller sent may be as deep as its body.
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, MaxDepth = 1000)]
[JsonSerializable(typeof(ErrorBody))]
[JsonSerializable(typeof(Dictionary<string, JsonElement>))]
[JsonSerializable(typeof(ReasoningEnvelope.Form))]
[JsonSerializable(typeof(Model))]
[JsonSerializable(typeof(ModelList))]
[JsonSerializable(typeof(ChatCompletion))]
[JsonSerializable(typeof(ChatChunk))]
[JsonSerializable(typeof(ChatDelta))]
internal sealed partial class WireJson : JsonSerializerContext;
