using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;
using PluginHost.Architecture.Sources;

namespace PluginHost.Architecture.Rules;

/// <summary>
/// No plugin's code is called but by the choke point: a call of a contract's member is in the choke point's folder, or in a lambda or a
/// method that is given to nothing else but the choke point.
/// </summary>
internal sealed class PluginCallSites(SourceProject project)
{
    /// <summary>Where the choke point may call.</summary>
    public const string Folder = "Calls";

    /// <summary>The choke point's types: what is passed to their methods is called with timeout, thread and report.</summary>
    public static IReadOnlyList<string> ChokePoints { get; } = ["PluginCaller", "MiddlewareCall"];

    private readonly ILookup<ISymbol, Use> _uses = project.Files
        .SelectMany(f => f.Uses.All)
        .Where(u => u.Symbol is IMethodSymbol or IParameterSymbol)
        .ToLookup(u => u.Symbol.OriginalDefinition, SymbolEqualityComparer.Default);
    private readonly HashSet<ISymbol> _asked = new(SymbolEqualityComparer.Default);

    /// <summary>Calls past the choke point, as <c>Engine/Sessions/Admin/HostReadiness.cs calls IPluginHealth.CheckHealthAsync</c>.</summary>
    public IEnumerable<string> Find() =>
        (from file in project.Files
         where project.Name != "Engine" || file.Folder != Folder
         from use in file.Uses.All
         where PluginContracts.IsPluginCode(use) && !IsInNameof(use.Node) && !IsGuarded(use.Node)
         select $"{file} calls {use.Symbol.ContainingType.Name}.{use.Symbol.Name}").Distinct();

    /// <summary>Whether code is given to the choke point, and to nothing else.</summary>
    private bool IsGuarded(SyntaxNode node)
    {
        for (var inner = node; inner.Parent is { } outer; inner = outer)
        {
            // A method's own name, or a lambda, as an argument.
            if (outer is ArgumentSyntax argument && (inner is AnonymousFunctionExpressionSyntax || IsMethodGroup(inner)) && IsGivenToChokePoint(argument))
                return true;
            if (outer is LocalFunctionStatementSyntax or MethodDeclarationSyntax && ModelOf(outer).GetDeclaredSymbol(outer) is IMethodSymbol method)
                return IsMethodGuarded(method);
        }

        return false;
    }

    private bool IsMethodGuarded(IMethodSymbol method)
    {
        // Asked again within its own answer it calls itself, which adds no other caller.
        if (!_asked.Add(method)) return true;
        try
        {
            var references = _uses[method.OriginalDefinition].Where(u => !IsInNameof(u.Node)).ToList();
            return references.Count > 0 && references.TrueForAll(r => IsGuarded(r.Node));
        }
        finally
        {
            _asked.Remove(method);
        }
    }

    /// <summary>As an argument, or in the state that is one: only what is given beside it can use the state.</summary>
    private bool IsGivenToChokePoint(ArgumentSyntax argument) => argument.Parent is TupleExpressionSyntax { Parent: ArgumentSyntax state }
        ? IsGivenToChokePoint(state)
        : ModelOf(argument).GetOperation(argument) is IArgumentOperation { Parameter: { } parameter } && IsChokePoint(parameter.OriginalDefinition);

    /// <summary>A parameter of the choke point, or one that a method only passes on to it.</summary>
    private bool IsChokePoint(IParameterSymbol parameter)
    {
        if (ChokePoints.Contains(parameter.ContainingType?.Name)) return true;
        if (!_asked.Add(parameter)) return true;
        try
        {
            var uses = _uses[parameter].ToList();
            return uses.Count > 0 && uses.TrueForAll(u => u.Node.Parent is ArgumentSyntax passedOn && IsGivenToChokePoint(passedOn));
        }
        finally
        {
            _asked.Remove(parameter);
        }
    }

    private static bool IsMethodGroup(SyntaxNode node) => node is SimpleNameSyntax or MemberAccessExpressionSyntax;

    private static bool IsInNameof(SyntaxNode node) =>
        node.Ancestors().OfType<InvocationExpressionSyntax>().Any(i => i.Expression is IdentifierNameSyntax { Identifier.ValueText: "nameof" });

    private SemanticModel ModelOf(SyntaxNode node) => project.Compilation.GetSemanticModel(node.SyntaxTree);
}
