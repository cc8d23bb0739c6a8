using System.ComponentModel.DataAnnotations;

namespace PluginHost.Engine.Configuration.Model;

/// <summary>Which JSON Web Tokens the host accepts. Immutable.</summary>
internal sealed record JwtConfiguration
{
    /// <summary>What a token's <c>aud</c> must hold: what the issuer puts into its tokens for this host.</summary>
    [Required]
    public required string Audience { get; init; } = "";

    /// <summary>Where the issuer publishes its metadata and keys; null when <see cref="KeysFile"/> has them.</summary>
    public string? Authority { get; init; }

    /// <summary>What a token's <c>iss</c> must be; null for what the authority says.</summary>
    public string? Issuer { get; init; }

    /// <summary>A file of public keys, JWKS or PEM; null when they come from the authority. Once read, its path is absolute.</summary>
    public string? KeysFile { get; init; }

    /// <summary>The accepted signatures. No shared secrets: a host that can check such a token can make one.</summary>
    [MinLength(1)]
    [AllowedValues("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")]
    public IReadOnlyList<string> Algorithms { get; init; } = ["RS256", "PS256", "ES256"];

    /// <summary>The claim that names the tenant.</summary>
    [Required]
    public string TenantClaim { get; init; } = "tenant";

    /// <summary>The claim that makes an admin when it holds <see cref="AdminValue"/>; null when no token does.</summary>
    public string? AdminClaim { get; init; }

    /// <summary>What <see cref="AdminClaim"/> must hold.</summary>
    public string? AdminValue { get; init; }

    /// <summary>How far the clocks of issuer and host may differ.</summary>
    [Range(typeof(TimeSpan), "0s", "10m", MinimumIsExclusive = true)]
    public TimeSpan ClockSkew { get; init; } = TimeSpan.FromMinutes(1);
}
