using System.Runtime.Loader;

namespace PluginHost.Engine.Plugins.Loading;

/// <summary>A plugin's folder: its assembly and its private dependencies.</summary>
/// <param name="folder">The folder that operators see.</param>
/// <param name="copy">The copy that everything is read and loaded from; null to read the folder itself.</param>
internal sealed class PluginFolder(string folder, PluginCopy? copy = null)
{
    private readonly string _read = copy?.Folder ?? folder;
    private readonly Lazy<AssemblyDependencyResolver?> _resolver = new(() => CreateResolver(MainFile(copy?.Folder ?? folder)));
    private readonly Lazy<string?> _deps = new(() => ReadDeps(Path.ChangeExtension(MainFile(copy?.Folder ?? folder), ".deps.json")));

    public string Folder { get; } = folder;

    /// <summary>The copy that everything is read and loaded from; null when the folder itself is read.</summary>
    public PluginCopy? Copy { get; } = copy;

    /// <summary>The plugin's assembly, <c>{Name}/{Name}.dll</c>, for messages.</summary>
    public string File { get; } = MainFile(folder);

    /// <summary>The file that is loaded: <see cref="File"/>, or the copy of it.</summary>
    public string Image { get; } = MainFile(copy?.Folder ?? folder);

    /// <summary>The hash of all files of the folder.</summary>
    public string Sha256 => Copy?.Sha256 ?? FolderFiles.Identify(Folder);

    /// <summary>The plugin folders in a folder. Hidden ones and those of file systems are none.</summary>
    public static IEnumerable<string> FindIn(string folder) =>
        Directory.GetDirectories(folder).Where(d => Path.GetFileName(d) is not ['.', ..] and not "lost+found");

    /// <summary>The files with the hash of each, as they are loaded.</summary>
    public IReadOnlyList<(string Name, string Sha256)> HashFiles() => FolderFiles.Hash(_read);

    /// <summary>The file of the folder that a file which was found is, for messages.</summary>
    public string Original(string found) => Path.Combine(Folder, Path.GetRelativePath(_read, found));

    /// <summary>A private dependency; null when the folder does not hold it.</summary>
    public string? Find(string name)
    {
        var beside = Path.Combine(_read, $"{name}.dll");
        if (System.IO.File.Exists(beside)) return beside;

        // Assemblies for one platform are in a folder that deps.json names.
        return _deps.Value is null ? null : _resolver.Value?.ResolveAssemblyToPath(new(name));
    }

    /// <summary>Whether a missing file was expected; true when there is no deps.json to say so.</summary>
    public bool Expects(string name) =>
        _deps.Value is not { } deps
        || deps.Contains($"/{name}.dll\"", StringComparison.Ordinal)
        || deps.Contains($"\"{name}.dll\"", StringComparison.Ordinal);

    private static string MainFile(string folder) => Path.Combine(folder, $"{Path.GetFileName(folder)}.dll");

    private static string? ReadDeps(string file) => System.IO.File.Exists(file) ? System.IO.File.ReadAllText(file) : null;

    private static AssemblyDependencyResolver? CreateResolver(string file)
    {
        try
        {
            return new(file);
        }
        catch (InvalidOperationException)
        {
            // The deps.json is broken; files beside the assembly are found without it.
            return null;
        }
    }
}
