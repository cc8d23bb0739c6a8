using Microsoft.CodeAnalysis.Operations;

namespace PluginHost.Analyzers;

/// <summary>The base of analyzers of what the host calls while runs are in progress, with the methods that it leads to in the class.</summary>
internal abstract class HookAnalyzer : DiagnosticAnalyzer
{
    public override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.EnableConcurrentExecution();
        context.RegisterCompilationStartAction(start =>
        {
            if (SdkTypes.From(start.Compilation) is { } sdk) start.RegisterSymbolStartAction(type => Start(type, sdk), SymbolKind.NamedType);
        });
    }

    /// <summary>Whether calls of a chat client count.</summary>
    protected abstract bool WithChatClients { get; }

    /// <summary>The findings among the operations of a method. Each makes its diagnostic of the hook that reaches the method.</summary>
    protected abstract IEnumerable<Func<ISymbol, Diagnostic>> Find(IMethodSymbol method, IReadOnlyList<IOperation> operations);

    /// <summary>Whether the host reaches what is called here as it reaches the caller.</summary>
    protected virtual bool Follows(IInvocationOperation call) => true;

    private void Start(SymbolStartAnalysisContext context, SdkTypes sdk)
    {
        var type = (INamedTypeSymbol)context.Symbol;
        var hooks = sdk.FindHooks(type, WithChatClients).ToImmutableArray();
        if (hooks.IsEmpty) return;
        var code = new HookCode(hooks);
        context.RegisterOperationBlockAction(block => Collect(block, type, code));
        context.RegisterSymbolEndAction(end =>
        {
            foreach (var diagnostic in code.Find()) end.ReportDiagnostic(diagnostic);
        });
    }

    private void Collect(OperationBlockAnalysisContext context, INamedTypeSymbol type, HookCode code)
    {
        if (context.OwningSymbol is not IMethodSymbol method || !SymbolEqualityComparer.Default.Equals(method.ContainingType, type)) return;
        var operations = context.OperationBlocks.SelectMany(b => b.DescendantsAndSelf()).ToList();
        foreach (var call in operations.OfType<IInvocationOperation>())
        {
            var callee = call.TargetMethod.OriginalDefinition;
            if (SymbolEqualityComparer.Default.Equals(callee.ContainingType, type.OriginalDefinition) && Follows(call)) code.AddCall(method, callee);
        }

        foreach (var reference in operations.OfType<IMethodReferenceOperation>()) code.AddCall(method, reference.Method.OriginalDefinition);
        foreach (var finding in Find(method, operations)) code.Add(method, finding);
    }
}
