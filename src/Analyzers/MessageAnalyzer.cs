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
        IParameterReferenceOperation { Parameter: { RefKind: RefKind.None, ContainingSymbol: IMethodSymbol } parameter } =>
            Origins.Find(parameter, expression, operations).Any(o => o is null || IsGiven(o, operations, depth + 1)),
        IPropertyReferenceOperation { Instance: { } owner } => IsGiven(owner, operations, depth + 1),
        IImplicitIndexerReferenceOperation element => IsGiven(element.Instance, operations, depth + 1),
        IArrayElementReferenceOperation element => IsGiven(element.ArrayReference, operations, depth + 1),
        IConversionOperation conversion => IsGiven(conversion.Operand, operations, depth + 1),
        ILocalReferenceOperation local => Origins.Find(local.Local, local, operations).Any(o => o is not null && IsGiven(o, operations, depth + 1)),
        _ => false,
    };
}
