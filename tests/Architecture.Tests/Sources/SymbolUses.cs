using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace PluginHost.Architecture.Sources;

/// <summary>A symbol and the place that uses it.</summary>
internal readonly record struct Use(SyntaxNode Node, ISymbol Symbol)
{
    /// <summary>The outermost type that declares the symbol, or that the symbol is; null for namespaces and locals of no type.</summary>
    public INamedTypeSymbol? Type => (Symbol as INamedTypeSymbol ?? Symbol.ContainingType)?.OriginalDefinition;

    public int Line => Node.GetLocation().GetLineSpan().StartLinePosition.Line + 1;
}

/// <summary>The symbols that a file uses. Comments and using directives count for nothing.</summary>
/// <param name="All">Every place that names a symbol, or uses one without naming it.</param>
/// <param name="Unknown">Names without a meaning: code that does not compile here, so that no rule could see into it.</param>
internal sealed record SymbolUses(IReadOnlyList<Use> All, IReadOnlyList<SyntaxNode> Unknown)
{
    public static SymbolUses In(SyntaxTree tree, Compilation compilation)
    {
        var model = compilation.GetSemanticModel(tree);
        var uses = new List<Use>();
        var unknown = new List<SyntaxNode>();
        foreach (var node in tree.GetRoot().DescendantNodes(n => n is not UsingDirectiveSyntax))
        {
            if (!Names(node)) continue;
            // Of a name that fits several symbols each counts: a rule must not be evaded by an ambiguity.
            var info = model.GetSymbolInfo(node);
            var symbols = info.Symbol is { } symbol ? [symbol] : info.CandidateSymbols;
            if (symbols.IsEmpty && IsPlainName(node)) unknown.Add(node);
            uses.AddRange(symbols.Select(s => new Use(node, s)));
        }

        return new SymbolUses(uses, unknown);
    }

    private static bool Names(SyntaxNode node) => node switch
    {
        SimpleNameSyntax name => !name.IsVar && name.Parent is not NameColonSyntax,
        ImplicitObjectCreationExpressionSyntax or ElementAccessExpressionSyntax or ElementBindingExpressionSyntax => true,
        ConstructorInitializerSyntax or BinaryExpressionSyntax or PrimaryConstructorBaseTypeSyntax => true,
        _ => false,
    };

    /// <summary>The few names that mean nothing by design: discards, "nameof", "notnull", and names of things that have no type.</summary>
    private static bool IsPlainName(SyntaxNode node) =>
        node is SimpleNameSyntax { IsNotNull: false, IsUnmanaged: false, IsNint: false, Identifier.ValueText: not ("_" or "nameof" or "dynamic") };
}
