using System.Runtime.Loader;

namespace PluginHost.Engine.Plugins.Loading;

/// <summary>A plugin's folder: its assembly and its private dependencies.</summary>
internal sealed class PluginFolder(string folder)
{
    private readonly Lazy<AssemblyDependencyResolver?> _resolver = new(() => CreateResolver(MainFile(folder)));
    private readonly Lazy<string?> _deps = new(() => ReadDeps(Path.ChangeExtension(MainFile(folder), ".deps.json")));

    public string Folder { get; } = folder;

    /// <summary>The plugin's assembly, <c>{Name}/{Name}.dll</c>.</summary>
    public string File { get; } = MainFile(folder);

    /// <summary>A private dependency; null when the folder does not hold it.</summary>
    public string? Find(string name)
    {
        var beside = Path.Combine(Folder, $"{name}.dll");
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
