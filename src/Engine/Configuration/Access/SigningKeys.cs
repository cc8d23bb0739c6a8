using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.IdentityModel.Tokens;

namespace PluginHost.Engine.Configuration.Access;

/// <summary>Reads public keys for the signatures of tokens: a JSON Web Key Set, or PEM blocks of keys and certificates.</summary>
internal static class SigningKeys
{
    public const string Cure = "Write a JSON Web Key Set, or PEM blocks PUBLIC KEY or CERTIFICATE, with RSA keys of 2048 bits or more, or EC keys.";

    /// <returns>The keys; or what is wrong with the file, as a sentence that quotes none of it.</returns>
    public static (IReadOnlyList<SecurityKey> Keys, string? Error) Read(string file)
    {
        try
        {
            return Parse(File.ReadAllText(file));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return ([], $"The file of keys cannot be read: {e.Message}");
        }
    }

    public static (IReadOnlyList<SecurityKey> Keys, string? Error) Parse(string text)
    {
        try
        {
            var keys = text.AsSpan().TrimStart().StartsWith("{") ? FromSet(text) : FromPem(text);
            if (keys.Count == 0) return ([], "The file holds no key for signatures.");
            return keys.FirstOrDefault(k => WhatIsWrong(k) is not null) is { } bad ? ([], WhatIsWrong(bad)) : (keys, null);
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException or FormatException or NotSupportedException)
        {
            // The parsers' messages quote the file, which may hold secrets.
            return ([], "The file cannot be read as keys.");
        }
    }

    private static List<SecurityKey> FromSet(string text) =>
        [.. new JsonWebKeySet(text).Keys.Where(k => string.IsNullOrEmpty(k.Use) || k.Use == "sig")];

    private static List<SecurityKey> FromPem(string text)
    {
        var keys = new List<SecurityKey>();
        var rest = text.AsSpan();
        while (PemEncoding.TryFind(rest, out var fields))
        {
            var block = rest[fields.Location];
            var label = rest[fields.Label];
            if (label.EndsWith("PRIVATE KEY")) keys.Add(new SymmetricSecurityKey(new byte[32]));
            else if (label is "CERTIFICATE") keys.Add(new X509SecurityKey(X509Certificate2.CreateFromPem(block)));
            else if (label is "PUBLIC KEY" or "RSA PUBLIC KEY") keys.Add(FromPublicKey(block));
            rest = rest[fields.Location.End..];
        }

        return keys;
    }

    private static AsymmetricSecurityKey FromPublicKey(ReadOnlySpan<char> pem)
    {
        try
        {
            var rsa = RSA.Create();
            rsa.ImportFromPem(pem);
            return new RsaSecurityKey(rsa);
        }
        catch (CryptographicException)
        {
            // Not an RSA key: the block does not say what kind it is.
            var ecdsa = ECDsa.Create();
            ecdsa.ImportFromPem(pem);
            return new ECDsaSecurityKey(ecdsa);
        }
    }

    private static string? WhatIsWrong(SecurityKey key) => key switch
    {
        SymmetricSecurityKey or JsonWebKey { HasPrivateKey: true } => "The file holds a private key, which this host does not need.",
        JsonWebKey { Kty: not ("RSA" or "EC") } => "The file holds a key that is neither RSA nor EC; with a shared secret, a host that checks tokens could make them.",
        JsonWebKey { Kty: "RSA", KeySize: < 2048 } or RsaSecurityKey { KeySize: < 2048 } or X509SecurityKey { KeySize: < 2048 and > 521 } =>
            "The file holds an RSA key of less than 2048 bits.",
        _ => null,
    };
}
