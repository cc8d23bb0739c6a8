using System.Text.Json;
using System.Text.Json.Serialization;

namespace PluginHost.Engine.Explain;

/// <summary>How explanations are kept.</summary>
[JsonSourceGenerationOptions(
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault,
    MaxDepth = 1000,
    GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(RunExplanation))]
internal sealed partial class ExplainJson : JsonSerializerContext
{
    public static byte[] Write(RunExplanation explanation) => JsonSerializer.SerializeToUtf8Bytes(explanation, Default.RunExplanation);

    public static RunExplanation Read(ReadOnlySpan<byte> document) => JsonSerializer.Deserialize(document, Default.RunExplanation)!;
}
