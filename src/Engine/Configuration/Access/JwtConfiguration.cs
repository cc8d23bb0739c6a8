namespace PluginHost.Engine.Configuration.Access;

/// <summary>Which JSON Web Tokens the host takes. Immutable.</summary>
/// <param name="Audience">What a token's <c>aud</c> must hold.</param>
internal sealed record JwtConfiguration(string Audience)
{
    /// <summary>What is signed with a secret that both sides know is not taken: who checks such tokens could make them.</summary>
    public static IReadOnlyList<string> KnownAlgorithms { get; } =
        ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"];

    /// <summary>Where the issuer publishes its metadata and keys; null when <see cref="KeysFile"/> has them.</summary>
    public Uri? Authority { get; init; }

    /// <summary>What a token's <c>iss</c> must be; null for what the authority says.</summary>
    public string? Issuer { get; init; }

    /// <summary>A file of public keys, JWKS or PEM, absolute; null when they come from the authority.</summary>
    public string? KeysFile { get; init; }

    public IReadOnlyList<string> Algorithms { get; init; } = ["RS256", "PS256", "ES256"];

    /// <summary>The claim that names the tenant.</summary>
    public string TenantClaim { get; init; } = "tenant";

    /// <summary>The claim that makes an admin when it holds <see cref="AdminValue"/>; null when no token does.</summary>
    public string? AdminClaim { get; init; }

    public string? AdminValue { get; init; }

    /// <summary>How far the clocks of issuer and host may be apart.</summary>
    public TimeSpan ClockSkew { get; init; } = TimeSpan.FromMinutes(1);
}
