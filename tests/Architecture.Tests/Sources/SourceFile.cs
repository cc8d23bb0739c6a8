namespace PluginHost.Architecture.Sources;

/// <summary>One file of a project, with the meaning of its names.</summary>
internal sealed class SourceFile(string project, string path, SyntaxTree tree, Compilation compilation)
{
    private readonly Lazy<SymbolUses> _uses = new(() => SymbolUses.In(tree, compilation));

    /// <summary>Relative to the project, for example <c>Runs/Live/RunHandle.cs</c>.</summary>
    public string Path { get; } = path;

    /// <summary>The file's folder, relative to the project; empty at the project's root.</summary>
    public string Folder { get; } = FolderOf(path);

    public SyntaxNode Root => tree.GetRoot();

    public SemanticModel Model => compilation.GetSemanticModel(tree);

    public SymbolUses Uses => _uses.Value;

    public static string FolderOf(string path) => path.LastIndexOf('/') is > 0 and var slash ? path[..slash] : "";

    /// <summary>With its project, for example <c>Engine/Runs/Live/RunHandle.cs</c>.</summary>
    public override string ToString() => $"{project}/{Path}";
}
