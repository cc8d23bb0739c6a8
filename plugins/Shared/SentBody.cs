using System.Security.Cryptography;
using Microsoft.Extensions.AI;

namespace PluginHost.Shared;

/// <summary>The hash of the body that one call of a model sends, which the host shows in explanations.</summary>
internal sealed class SentBody
{
    /// <summary>The host takes the hash from this member of an update.</summary>
    public const string Property = "pluginhost.body_sha256";

    /// <summary>The key of the service that writes a request without sending it.</summary>
    public const string WriterKey = "pluginhost.request_writer";

    private static readonly AsyncLocal<SentBody?> Local = new();
    private volatile string? _sha256;

    /// <summary>The current call.</summary>
    /// <remarks>Set it directly in the asynchronous method that sends: it ends with that method.</remarks>
    public static SentBody? Current
    {
        get => Local.Value;
        set => Local.Value = value;
    }

    public void Set(ReadOnlySpan<byte> body) => _sha256 = Convert.ToHexStringLower(SHA256.HashData(body));

    /// <summary>Gives the hash to the host.</summary>
    public void AddTo(ChatResponseUpdate update)
    {
        if (_sha256 is { } hash) (update.AdditionalProperties ??= [])[Property] = hash;
    }
}
