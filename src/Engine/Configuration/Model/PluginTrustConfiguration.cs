using PluginHost.Engine.Configuration.Binding;

namespace PluginHost.Engine.Configuration.Model;

/// <summary>What the host does about a plugin folder that other users of the machine can write to.</summary>
internal enum WritableFolders
{
    Ignore,
    Warn,
    Refuse,
}

/// <summary>Which plugins the host loads at all. Immutable.</summary>
internal sealed record PluginTrustConfiguration
{
    /// <summary>The only files that plugin folders may hold, as SHA-256 in 64 hexadecimal digits in lower case; null for any.</summary>
    public IReadOnlySet<string>? Sha256 { get; init; }

    public WritableFolders WritableFolders { get; init; } = WritableFolders.Warn;

    private static (string, WritableFolders)[] Choices { get; } =
        [("ignore", WritableFolders.Ignore), ("warn", WritableFolders.Warn), ("refuse", WritableFolders.Refuse)];

    internal static PluginTrustConfiguration Read(SectionReader reader)
    {
        var hashes = reader.Texts("Sha256");
        for (var i = 0; i < (hashes?.Count ?? 0); i++)
        {
            if (hashes![i].Length != 64 || !hashes[i].All(char.IsAsciiHexDigit))
                reader.Wrong($"Sha256:{i}", $"'{hashes[i]}' is not a SHA-256.", "Allowed are 64 hexadecimal digits; pluginhost plugins prints them.");
        }

        var result = new PluginTrustConfiguration
        {
            Sha256 = hashes?.Select(h => h.ToLowerInvariant()).ToHashSet(StringComparer.Ordinal),
            WritableFolders = reader.Choice("WritableFolders", Choices) ?? WritableFolders.Warn,
        };
        reader.Finish();
        return result;
    }
}
