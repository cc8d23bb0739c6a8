using Microsoft.CodeAnalysis.Operations;

namespace PluginHost.Analyzers;

/// <summary>Where the value of a local or parameter comes from.</summary>
internal static class Origins
{
    /// <summary>
    /// The values that a local or parameter may have at a use: of the assignments before it those that no later one replaces. For an element of a
    /// collection it is the collection.
    /// </summary>
    /// <returns>Null among them for what the caller of the method passed.</returns>
    public static IReadOnlyList<IOperation?> Find(ISymbol symbol, IOperation use, IReadOnlyList<IOperation> operations)
    {
        var found = new List<IOperation?>();
        if (symbol is IParameterSymbol parameter) found.Add(CollectionOf(parameter, operations));
        foreach (var operation in operations)
        {
            if (ValueFor(symbol, operation, use) is not { } value) continue;
            if (operation is IAssignmentOperation && IsAlwaysBefore(operation, use)) found.Clear();
            found.Add(value);
        }

        return found;
    }

    private static IOperation? ValueFor(ISymbol symbol, IOperation operation, IOperation use) => operation switch
    {
        IForEachLoopOperation loop when loop.Body.Syntax.Span.Contains(use.Syntax.Span) && loop.Locals.Any(l => Is(l, symbol)) => loop.Collection,
        _ when operation.Syntax.Span.End > use.Syntax.SpanStart => null,
        IVariableDeclaratorOperation { Initializer.Value: { } value } declarator when Is(declarator.Symbol, symbol) => value,
        IDeclarationPatternOperation { DeclaredSymbol: { } declared, Parent: IIsPatternOperation match } when Is(declared, symbol) => match.Value,
        IAssignmentOperation { Target: ILocalReferenceOperation local } assignment when Is(local.Local, symbol) => assignment.Value,
        IAssignmentOperation { Target: IParameterReferenceOperation parameter } assignment when Is(parameter.Parameter, symbol) => assignment.Value,
        _ => null,
    };

    /// <summary>Whether each path to a use passes an assignment: it is a statement of a block around the use.</summary>
    private static bool IsAlwaysBefore(IOperation assignment, IOperation use) =>
        assignment is ISimpleAssignmentOperation { Parent: IExpressionStatementOperation { Parent: IBlockOperation block } } && IsInside(use, block);

    private static bool IsInside(IOperation operation, IOperation block)
    {
        for (var parent = operation.Parent; parent is not null; parent = parent.Parent)
        {
            if (parent == block) return true;
        }

        return false;
    }

    /// <summary>For the parameter of a lambda, the collection whose elements it is called with: the receiver of the method that takes the lambda.</summary>
    private static IOperation? CollectionOf(IParameterSymbol parameter, IReadOnlyList<IOperation> operations)
    {
        var lambda = operations.OfType<IAnonymousFunctionOperation>().FirstOrDefault(f => SymbolEqualityComparer.Default.Equals(f.Symbol, parameter.ContainingSymbol));
        IOperation? parent = lambda;
        while (parent is not (null or IInvocationOperation or IExpressionStatementOperation)) parent = parent.Parent;
        return parent is IInvocationOperation call ? ReceiverOf(call) : null;
    }

    /// <summary>What a method is called on, also an extension method.</summary>
    public static IOperation? ReceiverOf(IInvocationOperation call) =>
        call.Instance ?? (call.TargetMethod.IsExtensionMethod && call.Arguments.Length > 0 ? call.Arguments[0].Value : null);

    private static bool Is(ISymbol symbol, ISymbol other) => SymbolEqualityComparer.Default.Equals(symbol, other);
}
