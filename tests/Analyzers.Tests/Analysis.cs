using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;

namespace PluginHost.Analyzers.Tests;

/// <summary>Analyzes a source as the compiler does when an author builds it.</summary>
internal static class Analysis
{
    private const string Usings = """
        global using System;
        global using System.Collections.Generic;
        global using System.Linq;
        global using System.Threading;
        global using System.Threading.Tasks;
        global using Microsoft.Extensions.AI;
        global using PluginHost.Sdk;
        """;

    private static readonly ImmutableArray<MetadataReference> References =
        [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Select(f => MetadataReference.CreateFromFile(f))];

    private static readonly ImmutableArray<DiagnosticAnalyzer> Analyzers =
        [new RegistrationAnalyzer(), new FieldAnalyzer(), new MessageAnalyzer(), new NextAnalyzer(), new ClockAnalyzer(), new BlockingAnalyzer()];

    /// <summary>Expects the findings that the source names in comments at the ends of lines, and no others.</summary>
    public static async Task ExpectMarkedAsync(string source)
    {
        var expected = source.Split('\n')
            .SelectMany((line, i) => line.Split("// PH").Skip(1).Select(mark => $"line {i + 1}: PH{mark.Trim()}"));
        var found = (await AnalyzeAsync(source)).Select(d => $"line {d.Location.GetLineSpan().StartLinePosition.Line + 1}: {d.Id}");
        Assert.Equal(expected, found.Distinct());
    }

    public static async Task<IReadOnlyList<Diagnostic>> AnalyzeAsync(string source)
    {
        var compilation = CSharpCompilation.Create(
            "Plugin",
            [CSharpSyntaxTree.ParseText(source), CSharpSyntaxTree.ParseText(Usings)],
            References,
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable));
        Assert.Empty(compilation.GetDiagnostics().Where(d => d.Severity == DiagnosticSeverity.Error));
        var found = await compilation.WithAnalyzers(Analyzers).GetAnalyzerDiagnosticsAsync();
        return [.. found.OrderBy(d => d.Location.SourceSpan.Start)];
    }
}
