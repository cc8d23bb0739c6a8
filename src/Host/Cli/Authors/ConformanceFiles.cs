using System.Security.Cryptography;
using PluginHost.Engine.Plugins.Catalog;

namespace PluginHost.Cli.Authors;

/// <summary>Writes the report of a plugin, and its signature, into the plugin's folder.</summary>
internal static class ConformanceFiles
{
    /// <summary>Writes the report and signs it. A report with broken rules is not signed.</summary>
    /// <returns>What was written, for people.</returns>
    /// <exception cref="IOException">The plugin's folder cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The same for rights.</exception>
    public static string Write(PluginDescriptor plugin, ConformanceReport report, ECDsa? key)
    {
        var (file, signature) = (Path.Combine(plugin.Folder, plugin.Name + ConformanceReport.Extension), Path.Combine(plugin.Folder, plugin.Name + ConformanceReport.SignatureExtension));
        var text = report.Write();
        File.WriteAllBytes(file, text);
        // The signature of an earlier report does not fit this one.
        File.Delete(signature);
        if (key is null) return $"report: {file}";
        if (report.Failed.Count > 0) return $"report: {file} (not signed, because rules are broken)";
        File.WriteAllBytes(signature, ConformanceCheck.Sign(text, key));
        return $"report: {file}, signed";
    }
}
