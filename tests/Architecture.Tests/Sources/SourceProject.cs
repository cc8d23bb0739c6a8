using System.Reflection;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;

namespace PluginHost.Architecture.Sources;

/// <summary>A project, compiled from its sources so that rules see symbols instead of text.</summary>
internal sealed class SourceProject
{
    private static readonly CSharpParseOptions Language = new(LanguageVersion.CSharp14, DocumentationMode.None);
    private static readonly Lazy<IReadOnlyList<ISourceGenerator>> Generators = new(LoadGenerators);
    private static readonly Lazy<IReadOnlyList<MetadataReference>> Framework = new(FindReferences);

    private readonly Dictionary<SyntaxTree, SourceFile> _files;

    private SourceProject(string name, CSharpCompilation compilation, IEnumerable<(string Path, SyntaxTree Tree)> trees)
    {
        Name = name;
        Compilation = compilation;
        _files = trees.ToDictionary(t => t.Tree, t => new SourceFile(name, t.Path, t.Tree, compilation));
    }

    /// <summary>The folder's name below src, for example <c>Engine</c>.</summary>
    public string Name { get; }

    public CSharpCompilation Compilation { get; }

    public IEnumerable<SourceFile> Files => _files.Values;

    /// <summary>The file of this project that declares a type; null when another project or a generator does.</summary>
    public SourceFile? Find(ISymbol? symbol) =>
        symbol?.DeclaringSyntaxReferences.Select(r => _files.GetValueOrDefault(r.SyntaxTree)).FirstOrDefault(f => f is not null);

    /// <summary>A project of the repository.</summary>
    public static SourceProject Load(string name, string assembly, params IEnumerable<SourceProject> references)
    {
        var build = Path.GetFileName(Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)));
        var generated = Repository.PathOf($"src/{name}/obj/{build}/{Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory))}");
        string[] made = [Path.Combine(generated, $"{name}.GlobalUsings.g.cs"), Path.Combine(generated, $"{name}.AssemblyInfo.cs")];
        var sources = Repository.CSharpFiles($"src/{name}").Select(path => (path, File.ReadAllText(Repository.PathOf($"src/{name}/{path}"))));
        return Create(name, assembly, sources, made.Select(File.ReadAllText), references, Generators.Value);
    }

    /// <summary>A project made of snippets, to try a rule on.</summary>
    public static SourceProject FromSnippets(
        string name, IEnumerable<(string Path, string Text)> snippets, params IEnumerable<SourceProject> references) =>
        Create(name, $"PluginHost.{name}.Snippets", snippets, ["global using System; global using System.Threading; global using System.Threading.Tasks;"], references, []);

    private static SourceProject Create(
        string name,
        string assembly,
        IEnumerable<(string Path, string Text)> sources,
        IEnumerable<string> made,
        IEnumerable<SourceProject> references,
        IReadOnlyList<ISourceGenerator> generators)
    {
        var trees = sources.Select(s => (s.Path, Tree: CSharpSyntaxTree.ParseText(s.Text, Language, s.Path))).ToList();
        var compilation = CSharpCompilation.Create(
            assembly,
            [.. trees.Select(t => t.Tree), .. made.Select(text => CSharpSyntaxTree.ParseText(text, Language))],
            [.. Framework.Value, .. references.Select(r => r.Compilation.ToMetadataReference())],
            new CSharpCompilationOptions(
                trees.Exists(t => t.Path == "Program.cs") ? OutputKind.ConsoleApplication : OutputKind.DynamicallyLinkedLibrary,
                allowUnsafe: true, nullableContextOptions: NullableContextOptions.Disable));
        if (generators.Count > 0)
        {
            CSharpGeneratorDriver.Create(generators, parseOptions: Language).RunGeneratorsAndUpdateCompilation(compilation, out var completed, out _);
            compilation = (CSharpCompilation)completed;
        }

        return new SourceProject(name, compilation, trees);
    }

    /// <summary>What the host runs with, without the assemblies that are compiled here. The console is not, because the compiler of Razor makes its components.</summary>
    private static List<MetadataReference> FindReferences() =>
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(file => Path.GetFileName(file) == "PluginHost.WebConsole.dll"
                || (!Path.GetFileName(file).StartsWith("PluginHost", StringComparison.OrdinalIgnoreCase) && Path.GetFileName(file) != "Architecture.Tests.dll"))
            .Select(file => MetadataReference.CreateFromFile(file)),
    ];

    private static List<ISourceGenerator> LoadGenerators()
    {
        var files = typeof(SourceProject).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "SourceGenerators").Value!;
        return [.. files.Split(';').SelectMany(file => new AnalyzerFileReference(file, new Loader()).GetGenerators(LanguageNames.CSharp))];
    }

    private sealed class Loader : IAnalyzerAssemblyLoader
    {
        public void AddDependencyLocation(string fullPath)
        {
        }

        public Assembly LoadFromPath(string fullPath) => Assembly.LoadFrom(fullPath);
    }
}
