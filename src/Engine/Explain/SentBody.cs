using System.Security.Cryptography;

namespace PluginHost.Engine.Explain;

/// <summary>The hash of the body that a client of the host's own sends to a model's server in one call. Thread-safe.</summary>
internal sealed class SentBody
{
    private static readonly AsyncLocal<SentBody?> Local = new();
    private volatile string? _sha256;

    /// <summary>Where the current call of a model wants its hash; null when it is not recorded.</summary>
    /// <remarks>Set it directly in the asynchronous method that calls the client: it ends with that method.</remarks>
    public static SentBody? Current
    {
        get => Local.Value;
        set => Local.Value = value;
    }

    /// <summary>SHA-256 in hexadecimal; null while nothing was sent, and for clients of plugins.</summary>
    public string? Sha256 => _sha256;

    public static string Hash(ReadOnlySpan<byte> body) => Convert.ToHexStringLower(SHA256.HashData(body));

    /// <summary>A client that has to send something else after a refusal sets it again.</summary>
    public void Set(ReadOnlySpan<byte> body) => _sha256 = Hash(body);
}
