using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using PluginHost.Engine.Messages;
using PluginHost.Sdk;

namespace PluginHost.Engine.Chains.Compaction;

/// <summary>
/// Seals what compaction items hold: callers keep it and cannot read it, and it opens for the tenant alone that it was made for. Thread-safe.
/// </summary>
internal sealed class CompactionSeal
{
    private const int NonceLength = 12, TagLength = 16;

    private readonly Lazy<byte[]> _key;

    private CompactionSeal(Func<byte[]> key) => _key = new(key);

    /// <summary>With a key that ends with the process.</summary>
    public static CompactionSeal OfProcess { get; } = new(static () => RandomNumberGenerator.GetBytes(CompactionKey.Length));

    /// <summary>With the key in a file, which is read or created at first use.</summary>
    public static CompactionSeal From(string file, ILogger logger) => new(() =>
    {
        try
        {
            return CompactionKey.ReadOrCreate(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            Log.NoKey(logger, file, e.Message);
            return OfProcess._key.Value;
        }
    });

    /// <summary>With a key that is derived from the one that several hosts share, so that each opens the items of the others.</summary>
    public static CompactionSeal From(Secret shared) => new(() => HKDF.DeriveKey(
        HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(shared.Reveal()), CompactionKey.Length, info: "compaction items"u8.ToArray()));

    public string Seal(string tenant, CompactedContext content)
    {
        var text = JsonSerializer.SerializeToUtf8Bytes(content, CompactionJson.Default.CompactedContext);
        var all = new byte[NonceLength + TagLength + text.Length];
        var nonce = all.AsSpan(0, NonceLength);
        RandomNumberGenerator.Fill(nonce);
        using var cipher = new AesGcm(_key.Value, TagLength);
        cipher.Encrypt(nonce, text, all.AsSpan(NonceLength + TagLength), all.AsSpan(NonceLength, TagLength), BoundTo(tenant));
        return CompactionItem.Prefix + Base64Url.EncodeToString(all);
    }

    /// <returns>Null when it was made for another tenant or with another key, or was changed.</returns>
    public CompactedContext? Open(string tenant, string text)
    {
        try
        {
            var all = Base64Url.DecodeFromChars(text.AsSpan(CompactionItem.Prefix.Length));
            if (all.Length < NonceLength + TagLength) return null;
            var plain = new byte[all.Length - NonceLength - TagLength];
            using var cipher = new AesGcm(_key.Value, TagLength);
            cipher.Decrypt(all.AsSpan(0, NonceLength), all.AsSpan(NonceLength + TagLength), all.AsSpan(NonceLength, TagLength), plain, BoundTo(tenant));
            return JsonSerializer.Deserialize(plain, CompactionJson.Default.CompactedContext);
        }
        catch (Exception e) when (e is FormatException or CryptographicException or JsonException)
        {
            return null;
        }
    }

    private static byte[] BoundTo(string tenant) => Encoding.UTF8.GetBytes($"compaction {tenant}");
}
