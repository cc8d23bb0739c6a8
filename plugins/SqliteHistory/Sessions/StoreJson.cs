using System.Text.Json.Serialization;

namespace PluginHost.Sqlite;

/// <summary>How the store's own documents are written, without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UseStringEnumConverter = true)]
[JsonSerializable(typeof(Dictionary<string, string>))]
[JsonSerializable(typeof(RunDocument))]
internal sealed partial class StoreJson : JsonSerializerContext;
