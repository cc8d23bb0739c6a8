using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace PluginHost.WebConsole.Forms;

/// <summary>
/// The tokens of forms, which a page of another site cannot read: each is a random text with its signature by a secret of this process,
/// for one log-in. Nothing is stored, and a restart ends the tokens of open pages. Thread-safe.
/// </summary>
public sealed class FormTokens
{
    /// <summary>The name of the field.</summary>
    public const string Field = "form_token";

    private const int Random = 16;

    private readonly byte[] _secret = RandomNumberGenerator.GetBytes(32);

    public string Create(HttpContext context)
    {
        Span<byte> token = stackalloc byte[Random + HMACSHA256.HashSizeInBytes];
        RandomNumberGenerator.Fill(token[..Random]);
        Sign(context, token[..Random], token[Random..]);
        return Base64Url.EncodeToString(token);
    }

    public bool IsValid(HttpContext context, string? text)
    {
        Span<byte> token = stackalloc byte[Random + HMACSHA256.HashSizeInBytes];
        if (text is null || text.Length != Base64Url.GetEncodedLength(token.Length)) return false;
        if (!Base64Url.TryDecodeFromChars(text, token, out var length) || length != token.Length) return false;
        Span<byte> expected = stackalloc byte[HMACSHA256.HashSizeInBytes];
        Sign(context, token[..Random], expected);
        return CryptographicOperations.FixedTimeEquals(token[Random..], expected);
    }

    private void Sign(HttpContext context, ReadOnlySpan<byte> random, Span<byte> signature)
    {
        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, _secret);
        hash.AppendData(random);
        hash.AppendData(Encoding.UTF8.GetBytes(context.Request.Headers.Cookie.ToString()));
        hash.TryGetHashAndReset(signature, out _);
    }
}
