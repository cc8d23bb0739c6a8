namespace PluginHost.Knowledge.Folders;

/// <summary>A configured folder, which may be another one for each tenant. Immutable.</summary>
/// <param name="Configured">The path as it was configured, for messages.</param>
/// <param name="Root">The absolute path of the folder, or of the one that has the folders of tenants.</param>
/// <param name="BelowTenant">The path below the tenant's folder; null when the folder belongs to all tenants.</param>
internal sealed record FolderTemplate(string Configured, string Root, string? BelowTenant)
{
    private const string Placeholder = "{tenant}";

    public bool IsPerTenant => BelowTenant is not null;

    public static FolderTemplate Parse(string path, Func<string, string> resolve)
    {
        var parts = path.Split('/', '\\');
        var at = Array.IndexOf(parts, Placeholder);
        return at < 0
            ? new FolderTemplate(path, resolve(path), null)
            : new FolderTemplate(path, resolve(at == 1 && parts[0].Length == 0 ? "/" : string.Join('/', parts.Take(at))), string.Join('/', parts.Skip(at + 1)).Trim('/'));
    }

    /// <returns>What is wrong with a configured path; null when nothing is.</returns>
    public static string? FindError(string path)
    {
        if (string.IsNullOrWhiteSpace(path)) return "Must not be empty.";
        var parts = path.Split('/', '\\');
        var at = Array.IndexOf(parts, Placeholder);
        if (Array.Exists(parts, p => p != Placeholder && p.AsSpan().IndexOfAny('{', '}') >= 0) || parts.Count(p => p == Placeholder) > 1)
            return "The only placeholder is {tenant}, once and as a whole part of the path: documents/{tenant}.";
        if (at == 0) return "Set a folder in front of {tenant}: documents/{tenant}.";
        return at > 0 && parts.Skip(at).Contains("..") ? "'..' is not allowed behind {tenant}." : null;
    }

    /// <summary>Whether the folder of a path belongs to all tenants and holds the folders of single ones. Looks at the paths alone.</summary>
    public static bool HoldsTenants(string path, string other)
    {
        var (shared, perTenant) = (Parse(path, Path.GetFullPath), Parse(other, Path.GetFullPath));
        if (shared.IsPerTenant || !perTenant.IsPerTenant) return false;
        var way = Path.GetRelativePath(shared.Root, perTenant.Root);
        return !Path.IsPathRooted(way) && way.Split('/', '\\')[0] != "..";
    }

    /// <summary>The folders that there are now, with the tenant that each belongs to; an empty name is all tenants.</summary>
    /// <remarks>
    /// Tenants are the names of folders that exist. A tenant's name from a request is compared with them and never becomes part of a path.
    /// </remarks>
    /// <exception cref="IOException">The root cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The root cannot be read.</exception>
    public IReadOnlyList<(string Tenant, string Path)> FindFolders()
    {
        if (BelowTenant is null) return Directory.Exists(Root) ? [("", Root)] : throw new DirectoryNotFoundException("It does not exist.");
        if (!Directory.Exists(Root)) throw new DirectoryNotFoundException("It does not exist.");
        return
        [
            .. new DirectoryInfo(Root).EnumerateDirectories("*", FolderScan.Everything)
                .Select(d => (d.Name, Path: FindBelow(d)))
                .Where(static d => d.Path is not null)
                .Select(static d => (d.Name, d.Path!)),
        ];
    }

    /// <returns>Null when the tenant has no such folder, or it is behind a link, which could lead to another tenant.</returns>
    private string? FindBelow(DirectoryInfo tenant)
    {
        var folder = tenant;
        foreach (var part in BelowTenant!.Split('/', StringSplitOptions.RemoveEmptyEntries).Prepend("."))
        {
            if (part != ".") folder = new DirectoryInfo(Path.Combine(folder.FullName, part));
            if (!folder.Exists || FolderScan.IsLink(folder)) return null;
        }

        return folder.FullName;
    }
}
