using Microsoft.CodeAnalysis.Operations;

namespace PluginHost.Analyzers;

/// <summary>Finds calls that block a thread of runs.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp, LanguageNames.VisualBasic)]
internal sealed class BlockingAnalyzer : HookAnalyzer
{
    private static readonly string[] Tasks = ["Task", "ValueTask", "TaskAwaiter", "ValueTaskAwaiter", "ConfiguredTaskAwaiter", "ConfiguredValueTaskAwaiter"];

    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [Rules.Blocking];

    protected override bool WithChatClients => true;

    protected override IEnumerable<Func<ISymbol, Diagnostic>> Find(IMethodSymbol method, IReadOnlyList<IOperation> operations) =>
        from operation in operations
        let name = NameOf(operation)
        where name is not null && !IsFinished(operation, operations)
        let location = operation.Syntax.GetLocation()
        select (Func<ISymbol, Diagnostic>)(_ => Diagnostic.Create(Rules.Blocking, location, name));

    private static string? NameOf(IOperation operation) => operation switch
    {
        IPropertyReferenceOperation { Property: { Name: "Result" } property } when IsTask(property.ContainingType) => "Result",
        IInvocationOperation { TargetMethod: { Name: "Wait" or "WaitAll" or "WaitAny" or "GetResult" } target } when IsTask(target.ContainingType) => target.Name,
        IInvocationOperation { TargetMethod: { Name: "Sleep", ContainingType.Name: "Thread" } } => "Thread.Sleep",
        _ => null,
    };

    private static bool IsTask(INamedTypeSymbol type) =>
        Tasks.Contains(type.Name) && type.ContainingNamespace?.ToDisplayString() is "System.Threading.Tasks" or "System.Runtime.CompilerServices";

    // Code that awaited the task before, or asked whether it is completed, does not wait for it.
    private static bool IsFinished(IOperation operation, IReadOnlyList<IOperation> operations)
    {
        var task = operation is IMemberReferenceOperation member ? member.Instance : (operation as IInvocationOperation)?.Instance;
        if (task is IInvocationOperation { TargetMethod.Name: "GetAwaiter" } awaiter) task = awaiter.Instance;
        return SymbolsOf(task, operations, depth: 0).Any(symbol =>
            operations.Any(o => o is IAwaitOperation wait && wait.Operation.DescendantsAndSelf().Any(d => Is(d, symbol)))
            || operations.OfType<IPropertyReferenceOperation>().Any(p => p.Property.Name.StartsWith("IsCompleted", StringComparison.Ordinal) && Is(p.Instance, symbol)));
    }

    /// <summary>The variable that a task is in, and the collections that it is an element of: Task.WhenAll awaits those.</summary>
    private static IEnumerable<ISymbol> SymbolsOf(IOperation? task, IReadOnlyList<IOperation> operations, int depth)
    {
        if (depth == 10) return [];
        return task switch
        {
            IConversionOperation conversion => SymbolsOf(conversion.Operand, operations, depth + 1),
            IArrayElementReferenceOperation element => SymbolsOf(element.ArrayReference, operations, depth + 1),
            IPropertyReferenceOperation { Arguments.IsEmpty: false } element => SymbolsOf(element.Instance, operations, depth + 1),
            IImplicitIndexerReferenceOperation element => SymbolsOf(element.Instance, operations, depth + 1),
            // The task of an element: pair.Value
            IPropertyReferenceOperation { Instance: ILocalReferenceOperation or IParameterReferenceOperation } of => SymbolsOf(of.Instance, operations, depth + 1),
            IInvocationOperation { TargetMethod.ContainingNamespace.Name: "Linq" } query when Origins.ReceiverOf(query) is { Type: { } type } receiver && HoldsTasks(type) =>
                SymbolsOf(receiver, operations, depth + 1),
            { } variable when SymbolOf(variable) is { } symbol => Origins.Find(symbol, variable, operations).SelectMany(o => SymbolsOf(o, operations, depth + 1)).Prepend(symbol),
            _ => [],
        };
    }

    private static bool HoldsTasks(ITypeSymbol collection) => collection switch
    {
        IArrayTypeSymbol { ElementType: INamedTypeSymbol element } => IsTask(element),
        INamedTypeSymbol named => named.TypeArguments.OfType<INamedTypeSymbol>().Any(IsTask),
        _ => false,
    };

    private static bool Is(IOperation? operation, ISymbol symbol) => SymbolEqualityComparer.Default.Equals(SymbolOf(operation), symbol);

    private static ISymbol? SymbolOf(IOperation? operation) => operation switch
    {
        ILocalReferenceOperation local => local.Local,
        IParameterReferenceOperation parameter => parameter.Parameter,
        IFieldReferenceOperation field => field.Field,
        _ => null,
    };
}
