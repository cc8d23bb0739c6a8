using System.Text.Json;
using System.Text.Json.Serialization;
using PluginHost.Sdk;

namespace PluginHost.Engine.Explain;

/// <summary>How explanations are kept.</summary>
[JsonSourceGenerationOptions(
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault,
    MaxDepth = 1000,
    GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(RunExplanation))]
[JsonSerializable(typeof(string))]
internal sealed partial class ExplainJson : JsonSerializerContext
{
    /// <summary>Writes text as messages do, so that they read the same afterwards.</summary>
    public static byte[] Write(RunExplanation explanation) =>
        Document.Write(explanation, static (json, e) => JsonSerializer.Serialize(json, e, Default.RunExplanation));

    public static RunExplanation Read(ReadOnlySpan<byte> document) => JsonSerializer.Deserialize(document, Default.RunExplanation)!;
}
