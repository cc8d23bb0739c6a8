using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

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
    private static ExplainJson Relaxed => field ??= new(new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    public static byte[] Write(RunExplanation explanation) => JsonSerializer.SerializeToUtf8Bytes(explanation, Relaxed.RunExplanation);

    public static RunExplanation Read(ReadOnlySpan<byte> document) => JsonSerializer.Deserialize(document, Default.RunExplanation)!;
}
