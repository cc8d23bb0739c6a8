using System.Text.Json.Serialization;

namespace PluginHost.OpenAI.Wire;

/// <summary>How the part of a request that its run keeps is written: without what is null, because every stored response holds it.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, MaxDepth = 1000, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ResponseDetails))]
internal sealed partial class DetailsJson : JsonSerializerContext;
