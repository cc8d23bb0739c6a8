using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace PluginHost.Tests.Plugins;

/// <summary>Compiles plugins from source into a plugin folder, for mistakes that are not worth a project each.</summary>
internal static class PluginCompiler
{
    private const string Usings = "using System; using System.Collections.Generic; using System.Threading; using System.Threading.Tasks; using PluginHost.Sdk;\n";

    private static readonly Lazy<IReadOnlyList<MetadataReference>> HostReferences = new(() =>
        [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(f => Path.GetFileName(f) is not ("xunit.assert.dll" or "Host.Tests.dll"))
            .Select(f => MetadataReference.CreateFromFile(f))]);

    /// <summary>A context provider's body, for classes whose work does not matter.</summary>
    public const string Provides =
        "public ValueTask<ContextContribution> ProvideAsync(RunRequest request, CancellationToken cancellationToken) => new(ContextContribution.Empty);";

    /// <summary>Compiles an assembly into <c>{folder}/{assembly}.dll</c> below the fixture's plugin folder.</summary>
    /// <returns>The file.</returns>
    public static string Compile(this PluginFixture fixture, string folder, string source, string? assembly = null, params IEnumerable<string> references) =>
        Compile(fixture.PluginFolder, folder, source, assembly, references);

    /// <summary>Compiles an assembly into <c>{folder}/{assembly}.dll</c> below a plugin folder. A reference replaces the host's of its name.</summary>
    /// <returns>The file.</returns>
    public static string Compile(string pluginFolder, string folder, string source, string? assembly = null, params IEnumerable<string> references)
    {
        assembly ??= folder;
        var names = references.Select(Path.GetFileName).ToHashSet();
        var file = Path.Combine(Directory.CreateDirectory(Path.Combine(pluginFolder, folder)).FullName, $"{assembly}.dll");
        var compilation = CSharpCompilation.Create(
            assembly,
            [CSharpSyntaxTree.ParseText(Usings + source)],
            [.. HostReferences.Value.Where(r => !names.Contains(Path.GetFileName(r.Display))), .. references.Select(r => MetadataReference.CreateFromFile(r))],
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable));
        var result = compilation.Emit(file);
        Assert.True(result.Success, string.Join('\n', result.Diagnostics.Where(d => d.Severity == DiagnosticSeverity.Error)));
        return file;
    }
}
