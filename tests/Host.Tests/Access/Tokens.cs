using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace PluginHost.Tests.Access;

/// <summary>An issuer of tokens, with an RSA key.</summary>
internal sealed class Tokens : IDisposable
{
    public const string Issuer = "https://issuer.test";
    public const string Audience = "pluginhost";

    private readonly RSA _rsa = RSA.Create(2048);

    public string Pem => _rsa.ExportSubjectPublicKeyInfoPem();

    /// <summary>A key set with this issuer's public key.</summary>
    public string KeySet
    {
        get
        {
            var key = _rsa.ExportParameters(includePrivateParameters: false);
            return JsonSerializer.Serialize(new
            {
                keys = new[] { new { kty = "RSA", use = "sig", kid = "k1", n = Base64UrlEncoder.Encode(key.Modulus), e = Base64UrlEncoder.Encode(key.Exponent) } },
            });
        }
    }

    public string Make(
        string? tenant = "acme",
        string issuer = Issuer,
        string audience = Audience,
        TimeSpan? expires = null,
        TimeSpan? notBefore = null,
        (string Name, object Value)? claim = null,
        string algorithm = SecurityAlgorithms.RsaSha256,
        SigningCredentials? with = null)
    {
        var claims = new Dictionary<string, object>();
        if (tenant is not null) claims["tenant"] = tenant;
        if (claim is { } more) claims[more.Name] = more.Value;
        var now = DateTime.UtcNow;
        return new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = issuer,
            Audience = audience,
            Claims = claims,
            NotBefore = now + (notBefore ?? TimeSpan.FromMinutes(-30)),
            Expires = now + (expires ?? TimeSpan.FromMinutes(5)),
            SigningCredentials = with ?? new SigningCredentials(new RsaSecurityKey(_rsa) { KeyId = "k1" }, algorithm),
        });
    }

    /// <summary>A token without a signature.</summary>
    public string MakeUnsigned()
    {
        var parts = Make().Split('.');
        return $"{Base64UrlEncoder.Encode("""{"alg":"none","typ":"JWT"}""")}.{parts[1]}.";
    }

    public void Dispose() => _rsa.Dispose();
}
