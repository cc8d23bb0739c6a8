using System.Text.Json.Serialization;

namespace PluginHost.Sqlite;

/// <summary>The source-generated JSON metadata of a session's metadata.</summary>
[JsonSourceGenerationOptions(MaxDepth = JsonDepth.Max)]
[JsonSerializable(typeof(Dictionary<string, string>))]
internal sealed partial class StoreJson : JsonSerializerContext;
