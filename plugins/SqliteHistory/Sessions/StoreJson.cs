using System.Text.Json.Serialization;

namespace PluginHost.Sqlite;

/// <summary>The source-generated JSON metadata of the store's documents.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UseStringEnumConverter = true, MaxDepth = ChatJson.MaxDepth)]
[JsonSerializable(typeof(Dictionary<string, string>))]
[JsonSerializable(typeof(RunDocument))]
internal sealed partial class StoreJson : JsonSerializerContext;
