using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using PluginHost.Sdk;

namespace PluginHost.Engine.Explain;

/// <summary>How explanations are kept.</summary>
[JsonSourceGenerationOptions(
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault,
    MaxDepth = 1000,
    Converters = [typeof(AsWritten)],
    GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(RunExplanation))]
[JsonSerializable(typeof(string))]
internal sealed partial class ExplainJson : JsonSerializerContext
{
    /// <summary>Writes text as messages do, so that they read the same afterwards.</summary>
    public static byte[] Write(RunExplanation explanation) =>
        Document.Write(explanation, static (json, e) => JsonSerializer.Serialize(json, e, Default.RunExplanation));

    public static RunExplanation Read(ReadOnlySpan<byte> document) => JsonSerializer.Deserialize(document, Default.RunExplanation)!;

    /// <summary>
    /// Writes elements as they are, because parsing and writing messages again takes as long as the rest of an explanation. Each element must be compact
    /// JSON without comments: documents have no line feeds.
    /// </summary>
    internal sealed class AsWritten : JsonConverter<JsonElement>
    {
        public override JsonElement Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => System.Text.Json.JsonElement.ParseValue(ref reader);

        public override void Write(Utf8JsonWriter writer, JsonElement value, JsonSerializerOptions options) =>
            writer.WriteRawValue(JsonMarshal.GetRawUtf8Value(value), skipInputValidation: true);
    }
}
