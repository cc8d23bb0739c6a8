using Microsoft.CodeAnalysis.Operations;

namespace PluginHost.Analyzers;

/// <summary>Finds plugins that change a message, or an update, that was passed to them.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp, LanguageNames.VisualBasic)]
internal sealed class MessageAnalyzer : HookAnalyzer
{
    private static readonly string[] Messages = ["ChatMessage", "ChatResponseUpdate", "AIContent"];

    private static readonly string[] Changing = ["Add", "AddRange", "Clear", "Insert", "Remove", "RemoveAll", "RemoveAt"];

    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [Rules.MessageChanged];

    protected override bool WithChatClients => true;

    // What a method is given by another one of the class may be a copy.
    protected override bool Follows(IInvocationOperation call) => false;

    protected override IEnumerable<Func<ISymbol, Diagnostic>> Find(IMethodSymbol method, IReadOnlyList<IOperation> operations) =>
        from operation in operations
        let changed = ChangedBy(operation)
        where changed is not null && IsGiven(changed, operations, depth: 0)
        let location = operation.Syntax.GetLocation()
        select (Func<ISymbol, Diagnostic>)(_ => Diagnostic.Create(Rules.MessageChanged, location));

    /// <summary>The message or content that an operation changes; null for another operation.</summary>
    private static IOperation? ChangedBy(IOperation operation) => operation switch
    {
        IAssignmentOperation { Target: IPropertyReferenceOperation { Arguments.IsEmpty: true, Instance: { } owner } } when IsMessage(owner.Type) => owner,
        // message.Contents[0] = content
        IAssignmentOperation { Target: IPropertyReferenceOperation { Arguments.IsEmpty: false, Instance: { } list } } => OwnerOf(list),
        IInvocationOperation { Instance: { } list } call when Changing.Contains(call.TargetMethod.Name) => OwnerOf(list),
        _ => null,
    };

    private static IOperation? OwnerOf(IOperation list) =>
        list is IPropertyReferenceOperation { Instance: { } owner } && IsMessage(owner.Type) ? owner : null;

    private static bool IsMessage(ITypeSymbol? type)
    {
        for (var current = type; current is not null; current = current.BaseType)
        {
            if (Messages.Contains(current.Name) && current.ContainingNamespace?.ToDisplayString() == "Microsoft.Extensions.AI") return true;
        }

        return false;
    }

    /// <summary>Whether an expression leads to a parameter without a call that may have made a copy.</summary>
    private static bool IsGiven(IOperation expression, IReadOnlyList<IOperation> operations, int depth) => depth < 10 && expression switch
    {
        IParameterReferenceOperation parameter => parameter.Parameter.RefKind == RefKind.None && parameter.Parameter.ContainingSymbol is IMethodSymbol,
        IPropertyReferenceOperation { Instance: { } owner } => IsGiven(owner, operations, depth + 1),
        IConversionOperation conversion => IsGiven(conversion.Operand, operations, depth + 1),
        ILocalReferenceOperation local => SourcesOf(local.Local, operations).Any(s => IsGiven(s, operations, depth + 1)),
        _ => false,
    };

    /// <summary>What a local was made of: its initializer, or what it is an element of.</summary>
    private static IEnumerable<IOperation> SourcesOf(ILocalSymbol local, IReadOnlyList<IOperation> operations)
    {
        foreach (var operation in operations)
        {
            if (operation is IVariableDeclaratorOperation { Initializer.Value: { } value } declarator && Is(declarator.Symbol, local)) yield return value;
            if (operation is IForEachLoopOperation loop && loop.Locals.Any(l => Is(l, local))) yield return loop.Collection;
            if (operation is IDeclarationPatternOperation { DeclaredSymbol: ILocalSymbol declared } && Is(declared, local) && operation.Parent is IIsPatternOperation match)
                yield return match.Value;
        }
    }

    private static bool Is(ILocalSymbol symbol, ILocalSymbol other) => SymbolEqualityComparer.Default.Equals(symbol, other);
}
