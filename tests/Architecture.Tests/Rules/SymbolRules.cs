using Microsoft.CodeAnalysis.CSharp.Syntax;
using PluginHost.Architecture.Sources;

namespace PluginHost.Architecture.Rules;

/// <summary>What may not be named, declared or logged.</summary>
internal static class SymbolRules
{
    /// <summary>The folder that may name spans and metrics.</summary>
    public const string TelemetryFolder = "Telemetry";

    private static readonly string[] Clocks =
    [
        "System.DateTime.Now", "System.DateTime.UtcNow", "System.DateTime.Today", "System.DateTimeOffset.Now", "System.DateTimeOffset.UtcNow",
        "System.Threading.Thread.Sleep",
    ];

    /// <summary>Types that another project could use.</summary>
    public static IEnumerable<string> PublicTypes(SourceProject project) =>
        from declared in DeclaredTypes(project)
        where declared.Symbol is { ContainingType: null, DeclaredAccessibility: Accessibility.Public }
        select $"{declared.File} makes {declared.Symbol.Name} public";

    /// <summary>Types whose names say nothing.</summary>
    public static IEnumerable<string> EmptyNames(SourceProject project) =>
        from declared in DeclaredTypes(project)
        where new[] { "Manager", "Helper", "Helpers", "Util", "Utils", "Utility" }.Any(e => declared.Symbol.Name.EndsWith(e, StringComparison.Ordinal))
        select $"{declared.File} declares {declared.Symbol.Name}";

    /// <summary>Spans, metrics and OpenTelemetry outside of the one folder that makes them.</summary>
    public static IEnumerable<string> Telemetry(SourceProject project) =>
        (from file in project.Files
         where !file.Folder.StartsWith(TelemetryFolder, StringComparison.Ordinal)
         from use in file.Uses.All
         where IsTelemetry(use.Type)
         select $"{file} uses {use.Type!.Name}").Distinct();

    /// <summary>Clocks that tests cannot move, and sleeping.</summary>
    public static IEnumerable<string> WallClocks(SourceProject project) =>
        (from file in project.Files
         from use in file.Uses.All
         let name = $"{use.Symbol.ContainingType}.{use.Symbol.Name}"
         where Clocks.Contains(name) || IsRealDelay(use.Symbol)
         select $"{file} uses {use.Symbol.ContainingType.Name}.{use.Symbol.Name}").Distinct();

    public static IEnumerable<(SourceFile File, INamedTypeSymbol Symbol)> DeclaredTypes(SourceProject project) =>
        from file in project.Files
        from node in file.Root.DescendantNodes(n => n is not MemberDeclarationSyntax or BaseNamespaceDeclarationSyntax or TypeDeclarationSyntax)
        where node is BaseTypeDeclarationSyntax or DelegateDeclarationSyntax
        select (file, (INamedTypeSymbol)file.Model.GetDeclaredSymbol(node)!);

    private static bool IsTelemetry(INamedTypeSymbol? type)
    {
        var space = type?.ContainingNamespace?.ToString();
        return space is not null
            && (space == "OpenTelemetry" || space.StartsWith("OpenTelemetry.", StringComparison.Ordinal)
                || space == "System.Diagnostics.Metrics"
                || (space == "System.Diagnostics" && type!.Name.StartsWith("Activity", StringComparison.Ordinal)));
    }

    private static bool IsRealDelay(ISymbol symbol) =>
        symbol is IMethodSymbol { Name: "Delay", ContainingType: { Name: "Task" } type } method
        && type.ContainingNamespace.ToString() == "System.Threading.Tasks"
        && !method.Parameters.Any(p => p.Type.Name == "TimeProvider");
}
