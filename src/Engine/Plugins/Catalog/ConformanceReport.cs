using System.Reflection;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace PluginHost.Engine.Plugins.Catalog;

/// <summary>Which rules of the SDK a plugin keeps, and the files for which that was found. Immutable.</summary>
internal sealed record ConformanceReport
{
    /// <summary>What the files in the plugin's folder are called: the name of the plugin, then this.</summary>
    public const string Extension = ".conformance.json", SignatureExtension = ".conformance.sig";

    private static readonly ConformanceJson Json = new(new JsonSerializerOptions
    {
        WriteIndented = true,
        RespectNullableAnnotations = true,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    public required string Plugin { get; init; }

    public required string Version { get; init; }

    /// <summary>The version of the host whose rules were checked.</summary>
    public string HostVersion { get; init; } =
        typeof(ConformanceReport).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    public required DateTimeOffset CheckedAt { get; init; }

    /// <summary>The SHA-256 of each file of the plugin's folder, by its name.</summary>
    public required IReadOnlyDictionary<string, string> Files { get; init; }

    /// <summary>The rules that the plugin keeps.</summary>
    public required IReadOnlyList<string> Passed { get; init; }

    /// <summary>What is wrong, by the rule that is broken.</summary>
    public required IReadOnlyDictionary<string, string> Failed { get; init; }

    /// <exception cref="JsonException">It is no report.</exception>
    public static ConformanceReport Read(ReadOnlySpan<byte> text) =>
        JsonSerializer.Deserialize(text, Json.ConformanceReport) ?? throw new JsonException("It is empty.");

    public byte[] Write() => JsonSerializer.SerializeToUtf8Bytes(this, Json.ConformanceReport);
}

[JsonSerializable(typeof(ConformanceReport))]
internal sealed partial class ConformanceJson : JsonSerializerContext;
