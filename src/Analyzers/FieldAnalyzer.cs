using Microsoft.CodeAnalysis.Operations;

namespace PluginHost.Analyzers;

/// <summary>Finds fields that calls of the host change without a lock.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp, LanguageNames.VisualBasic)]
internal sealed class FieldAnalyzer : HookAnalyzer
{
    private static readonly string[] Changing =
        ["Add", "AddRange", "Clear", "Dequeue", "Enqueue", "Insert", "Pop", "Push", "Remove", "RemoveAll", "RemoveAt", "TryAdd"];

    // The members with which code waits for others to leave.
    private static readonly string[] Guards = ["Wait", "WaitAsync", "Enter", "EnterScope", "TryEnter", "EnterWriteLock", "EnterUpgradeableReadLock"];

    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [Rules.FieldWritten];

    // The client that a middleware makes belongs to one run.
    protected override bool WithChatClients => false;

    protected override bool Follows(IInvocationOperation call) => !IsLocked(call) && !IsGuarded(call);

    protected override IEnumerable<Func<ISymbol, Diagnostic>> Find(IMethodSymbol method, IReadOnlyList<IOperation> operations)
    {
        if (operations.Any(IsGuard)) return [];
        return from operation in operations
               let target = TargetOf(operation)
               where target is not null && !IsLocked(operation) && IsSharedField(target, method)
               let location = operation.Syntax.GetLocation()
               let name = NameOf(target)
               select (Func<ISymbol, Diagnostic>)(hook => Diagnostic.Create(Rules.FieldWritten, location, name, hook.Name));
    }

    private static IOperation? TargetOf(IOperation operation) => operation switch
    {
        IAssignmentOperation assignment and not IDeconstructionAssignmentOperation => ElementOf(assignment.Target),
        IIncrementOrDecrementOperation step => ElementOf(step.Target),
        IInvocationOperation { Instance: { } collection } call when Changing.Contains(call.TargetMethod.Name) && IsPlainCollection(collection.Type) => collection,
        _ => null,
    };

    // _values[key] = value changes the collection in _values.
    private static IOperation ElementOf(IOperation target) =>
        target is IPropertyReferenceOperation { Arguments.IsEmpty: false, Instance: { } collection } && IsPlainCollection(collection.Type) ? collection : target;

    private static bool IsPlainCollection(ITypeSymbol? type) => type?.ContainingNamespace?.ToDisplayString() == "System.Collections.Generic";

    private static bool IsSharedField(IOperation target, IMethodSymbol method) => target switch
    {
        IFieldReferenceOperation { Instance: IInstanceReferenceOperation { ReferenceKind: InstanceReferenceKind.ContainingTypeInstance } } field => !field.Field.IsVolatile,
        IPropertyReferenceOperation { Instance: IInstanceReferenceOperation { ReferenceKind: InstanceReferenceKind.ContainingTypeInstance }, Arguments.IsEmpty: true } property =>
            property.Property.ContainingType.Equals(method.ContainingType, SymbolEqualityComparer.Default),
        // A parameter of the primary constructor is a field where methods use it.
        IParameterReferenceOperation { Parameter.ContainingSymbol: IMethodSymbol { MethodKind: MethodKind.Constructor } } => method.MethodKind != MethodKind.Constructor,
        _ => false,
    };

    private static string NameOf(IOperation target) => target switch
    {
        IMemberReferenceOperation member => member.Member.Name,
        IParameterReferenceOperation parameter => parameter.Parameter.Name,
        _ => "",
    };

    private static bool IsGuard(IOperation operation) => operation is IInvocationOperation call && Guards.Contains(call.TargetMethod.Name)
        && call.TargetMethod.ContainingNamespace?.ToDisplayString() == "System.Threading";

    private static bool IsGuarded(IOperation operation)
    {
        var root = operation;
        while (root.Parent is not null) root = root.Parent;
        return root.DescendantsAndSelf().Any(IsGuard);
    }

    private static bool IsLocked(IOperation operation)
    {
        for (var parent = operation.Parent; parent is not null; parent = parent.Parent)
        {
            if (parent is ILockOperation) return true;
        }

        return false;
    }
}
