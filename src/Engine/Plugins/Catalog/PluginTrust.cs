using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Plugins.Loading;

namespace PluginHost.Engine.Plugins.Catalog;

/// <summary>
/// Checks plugin folders before any of their code runs: whether their files are the pinned ones, whether a signed report says that they keep
/// the rules, and whether other users of the machine could change them.
/// </summary>
internal sealed class PluginTrust(PluginTrustConfiguration settings)
{
    // The host cannot load from a folder that it may not read.
    private static readonly EnumerationOptions Everything = new() { IgnoreInaccessible = true, AttributesToSkip = FileAttributes.None };

    private readonly List<ConfigurationError> _errors = [];
    private readonly List<ConfigurationError> _warnings = [];

    /// <summary>What keeps the host from starting.</summary>
    public IReadOnlyList<ConfigurationError> Errors => _errors;

    /// <summary>What an operator should know, and does not keep the host from starting.</summary>
    public IReadOnlyList<ConfigurationError> Warnings => _warnings;

    /// <param name="settings">What is checked.</param>
    /// <param name="catalog">The plugins that are there.</param>
    /// <param name="used">The plugins that the configuration uses.</param>
    public static PluginTrust Check(PluginTrustConfiguration settings, PluginCatalog catalog, IEnumerable<PluginDescriptor> used)
    {
        var trust = new PluginTrust(settings);
        if (settings.Sha256 is { } pinned)
        {
            var allowed = pinned.ToHashSet(StringComparer.OrdinalIgnoreCase);
            foreach (var plugin in catalog.PluginFolders) trust.Try(plugin.Folder, _ => trust.CheckHashes(plugin, allowed));
        }

        if (settings.ConformanceKeys is { } keys) trust.CheckConformance(keys, used);
        if (settings.WritableFolders == WritableFolders.Ignore) return trust;
        foreach (var folder in catalog.Folders.Where(Directory.Exists)) trust.Try(folder, trust.CheckWriters);
        return trust;
    }

    private void Try(string folder, Action<string> check)
    {
        try
        {
            check(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _errors.Add(PluginErrors.Unreadable(folder, e.Message));
        }
    }

    private void CheckHashes(PluginFolder folder, HashSet<string> allowed)
    {
        foreach (var (name, hash) in PluginFiles.Hash(folder).Where(f => !allowed.Contains(f.Sha256)))
        {
            _errors.Add(new(
                Path.Combine(folder.Folder, name),
                $"The file is not one of the pinned ones: its SHA-256 is {hash}.",
                "When you trust it, add that to PluginTrust:Sha256; else remove the plugin's folder."));
        }
    }

    private void CheckConformance(IReadOnlyList<string> keys, IEnumerable<PluginDescriptor> used)
    {
        using var check = new ConformanceCheck(keys, _errors);
        foreach (var plugin in used)
        {
            Try(plugin.Folder, _ =>
            {
                if (check.Find(plugin) is { } error) _errors.Add(error);
            });
        }
    }

    private void CheckWriters(string folder)
    {
        // Windows has access lists, which are not read here.
        if (OperatingSystem.IsWindows()) return;
        CheckInside(Resolve(folder), []);
    }

    /// <summary>Checks an entry and all below it. A link is judged by the place that it leads to, and by the folders on the way there.</summary>
    private void CheckInside(string real, HashSet<string> seen)
    {
        if (!seen.Add(real) || !Path.Exists(real)) return;
        CheckWriters(real, UnixFileMode.None);
        if (!Directory.Exists(real)) return;
        foreach (var entry in Directory.EnumerateFileSystemEntries(real, "*", Everything))
            CheckInside(new FileInfo(entry).LinkTarget is null ? entry : Resolve(entry), seen);
    }

    /// <summary>The place that a path leads to. Checks the folders on the way.</summary>
    private string Resolve(string path)
    {
        var real = RealPath.Resolve(path);
        // In a folder with the sticky bit others can create files, but not replace those of another user: safe above, not in it.
        foreach (var folder in real.Folders) CheckWriters(folder, UnixFileMode.StickyBit);
        return real.Path;
    }

    private void CheckWriters(string path, UnixFileMode excuse)
    {
        if (OperatingSystem.IsWindows()) return;
        var mode = File.GetUnixFileMode(path);
        if (!mode.HasFlag(UnixFileMode.OtherWrite) || (mode & excuse) != 0) return;
        var found = new ConfigurationError(
            path, "Every user of this machine can write here, and so choose the code that the host runs.", $"Take that right away: chmod o-w '{path}'.");
        var list = settings.WritableFolders == WritableFolders.Refuse ? _errors : _warnings;
        if (!list.Contains(found)) list.Add(found);
    }
}
