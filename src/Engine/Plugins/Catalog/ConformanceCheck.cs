using System.Security.Cryptography;
using System.Text.Json;
using PluginHost.Engine.Configuration.Model;

namespace PluginHost.Engine.Plugins.Catalog;

/// <summary>Checks that each plugin has a conformance report of its files, signed with a known key, in which no rule is broken.</summary>
internal sealed class ConformanceCheck : IDisposable
{
    private readonly List<ECDsa> _keys = [];

    /// <param name="files">The files of the public keys, absolute.</param>
    /// <param name="errors">Takes the files that hold no key.</param>
    public ConformanceCheck(IReadOnlyList<string> files, List<ConfigurationError> errors)
    {
        for (var i = 0; i < files.Count; i++)
        {
            try
            {
                _keys.Add(ReadKey(files[i]));
            }
            catch (Exception e) when (e is CryptographicException or ArgumentException or IOException or UnauthorizedAccessException)
            {
                errors.Add(new(
                    $"{nameof(HostConfiguration.PluginTrust)}:{nameof(PluginTrustConfiguration.ConformanceKeys)}:{i}",
                    $"'{files[i]}' holds no public key: {e.Message}",
                    "Name a PEM file with a public EC key, as 'openssl pkey -pubout' writes it."));
            }
        }
    }

    /// <summary>Reads a public or private EC key in PEM form.</summary>
    /// <exception cref="ArgumentException">The file holds no such key.</exception>
    /// <exception cref="CryptographicException">The key cannot be read.</exception>
    public static ECDsa ReadKey(string file)
    {
        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(File.ReadAllText(file));
            return key;
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }

    /// <summary>The signature that <see cref="Find"/> and <c>openssl dgst -sha256 -verify</c> accept.</summary>
    public static byte[] Sign(byte[] report, ECDsa key) => key.SignData(report, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);

    /// <summary>What keeps a plugin from being loaded; null for nothing.</summary>
    /// <exception cref="IOException">A file of the plugin cannot be read.</exception>
    public ConfigurationError? Find(PluginDescriptor plugin)
    {
        // The files that are loaded, which are a copy of the plugin's folder.
        var folder = Path.GetDirectoryName(plugin.Image)!;
        var (file, signature) = (Path.Combine(folder, plugin.Name + ConformanceReport.Extension), Path.Combine(folder, plugin.Name + ConformanceReport.SignatureExtension));
        if (!File.Exists(file) || !File.Exists(signature)) return PluginErrors.NotConform(plugin, "There is no signed conformance report of it.");
        var (text, signed) = (File.ReadAllBytes(file), File.ReadAllBytes(signature));
        if (!_keys.Exists(k => k.VerifyData(text, signed, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence)))
            return PluginErrors.NotConform(plugin, "No key of PluginTrust:ConformanceKeys has signed its conformance report.");
        try
        {
            return FindDefect(ConformanceReport.Read(text), plugin, folder) is { } defect ? PluginErrors.NotConform(plugin, defect) : null;
        }
        catch (JsonException e)
        {
            return PluginErrors.NotConform(plugin, $"Its conformance report cannot be read: {e.Message}");
        }
    }

    public void Dispose()
    {
        foreach (var key in _keys) key.Dispose();
    }

    private static string? FindDefect(ConformanceReport report, PluginDescriptor plugin, string folder)
    {
        if (report.Plugin != plugin.Name) return $"Its conformance report is of plugin '{report.Plugin}'.";
        var files = PluginFiles.Hash(folder).ToDictionary(f => f.Name, f => f.Sha256);
        var changed = files.Keys.Union(report.Files.Keys).Where(f => files.GetValueOrDefault(f) != report.Files.GetValueOrDefault(f)).ToList();
        if (changed.Count > 0) return $"Its conformance report is of other files: {string.Join(", ", changed)}.";
        if (report.Failed.Count > 0) return $"Its conformance report has broken rules: {string.Join(", ", report.Failed.Keys)}.";
        return report.Passed.Count == 0 ? "Its conformance report has no rules." : null;
    }
}
