using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

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

    /// <param name="logIn">The log-in of the page; null for none.</param>
    public string Create(string? logIn)
    {
        Span<byte> token = stackalloc byte[Random + HMACSHA256.HashSizeInBytes];
        RandomNumberGenerator.Fill(token[..Random]);
        Sign(logIn, token[..Random], token[Random..]);
        return Base64Url.EncodeToString(token);
    }

    /// <param name="logIn">The log-in of the request; null for none.</param>
    /// <param name="text">The field of the form; null when it is missing.</param>
    public bool IsValid(string? logIn, string? text)
    {
        Span<byte> token = stackalloc byte[Random + HMACSHA256.HashSizeInBytes];
        if (text is null || text.Length != Base64Url.GetEncodedLength(token.Length)) return false;
        if (!Base64Url.TryDecodeFromChars(text, token, out var length) || length != token.Length) return false;
        Span<byte> expected = stackalloc byte[HMACSHA256.HashSizeInBytes];
        Sign(logIn, token[..Random], expected);
        return CryptographicOperations.FixedTimeEquals(token[Random..], expected);
    }

    private void Sign(string? logIn, ReadOnlySpan<byte> random, Span<byte> signature)
    {
        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, _secret);
        hash.AppendData(random);
        hash.AppendData(Encoding.UTF8.GetBytes(logIn ?? ""));
        hash.TryGetHashAndReset(signature, out _);
    }
}
