using PluginHost.Engine.Configuration.Binding;
using PluginHost.Engine.Configuration.Model;

namespace PluginHost.Engine.Configuration.Access;

/// <summary>Reads which tokens the host takes.</summary>
internal sealed class JwtReader(HostPaths paths)
{
    public JwtConfiguration Read(SectionReader reader)
    {
        var defaults = new JwtConfiguration("");
        var result = new JwtConfiguration(Required(reader, "Audience", reader.Text("Audience")))
        {
            Authority = ReadAuthority(reader),
            Issuer = reader.Text("Issuer"),
            KeysFile = reader.Text("KeysFile") is { } file ? paths.Resolve(file) : null,
            Algorithms = ReadAlgorithms(reader) ?? defaults.Algorithms,
            TenantClaim = reader.Text("TenantClaim") ?? defaults.TenantClaim,
            AdminClaim = reader.Text("AdminClaim"),
            AdminValue = reader.Text("AdminValue"),
            ClockSkew = reader.Duration("ClockSkew", TimeSpan.FromMinutes(10)) ?? defaults.ClockSkew,
        };
        reader.Finish();
        Validate(reader, result);
        return result;
    }

    private static string Required(SectionReader reader, string member, string? value)
    {
        if (string.IsNullOrEmpty(value) && (value is not null || !reader.Has(member)))
            reader.Wrong(member, $"'{member}' is missing.", "Write what the issuer puts into its tokens for this host.");
        return value ?? "";
    }

    private static void Validate(SectionReader reader, JwtConfiguration jwt)
    {
        if (jwt.Authority is null == jwt.KeysFile is null && !(reader.Has("Authority") && jwt.KeysFile is null))
            reader.Wrong("Authority", "The signing keys come either from Authority or from KeysFile.", "Write one of the two.");
        if (jwt.KeysFile is not null)
        {
            Required(reader, "Issuer", jwt.Issuer);
            if (SigningKeys.Read(jwt.KeysFile).Error is { } error) reader.Wrong("KeysFile", error, SigningKeys.Cure);
        }

        if (jwt.TenantClaim.Length == 0) reader.Wrong("TenantClaim", "The claim has no name.");
        if (string.IsNullOrEmpty(jwt.AdminClaim) != string.IsNullOrEmpty(jwt.AdminValue))
            reader.Wrong("AdminClaim", "AdminClaim and AdminValue belong together.", "Write both, or neither: then no token makes an admin.");
    }

    private static Uri? ReadAuthority(SectionReader reader)
    {
        if (reader.Text("Authority") is not { } text) return null;
        if (Uri.TryCreate(text, UriKind.Absolute, out var uri) && (uri.Scheme == "https" || (uri.Scheme == "http" && uri.IsLoopback))) return uri;
        reader.Wrong("Authority", $"'{text}' is not an address to get keys from.", "Allowed are https://…, and http://… on this machine.");
        return null;
    }

    private static IReadOnlyList<string>? ReadAlgorithms(SectionReader reader)
    {
        if (reader.Texts("Algorithms") is not { } algorithms) return null;
        var known = JwtConfiguration.KnownAlgorithms;
        if (algorithms.Count == 0) reader.Wrong("Algorithms", "The list is empty.", $"Allowed are {string.Join(", ", known)}.");
        for (var i = 0; i < algorithms.Count; i++)
        {
            if (!known.Contains(algorithms[i]))
                reader.Wrong($"Algorithms:{i}", $"'{algorithms[i]}' is not an algorithm that the host takes.", $"Allowed are {string.Join(", ", known)}.");
        }

        return algorithms;
    }
}
