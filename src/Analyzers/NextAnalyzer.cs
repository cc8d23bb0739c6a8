using Microsoft.CodeAnalysis.FlowAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace PluginHost.Analyzers;

/// <summary>Finds middleware that calls the rest of the chain twice, or does not wait for it.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp, LanguageNames.VisualBasic)]
internal sealed class NextAnalyzer : DiagnosticAnalyzer
{
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [Rules.NextTwice, Rules.NextNotAwaited];

    public override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.EnableConcurrentExecution();
        context.RegisterOperationBlockAction(Analyze);
    }

    private static void Analyze(OperationBlockAnalysisContext context)
    {
        if (context.OwningSymbol is not IMethodSymbol method || !method.Parameters.Any(p => IsNext(p.Type))) return;
        foreach (var block in context.OperationBlocks)
        {
            foreach (var call in block.Descendants().OfType<IInvocationOperation>().Where(IsNextCall).Where(IsDropped))
                context.ReportDiagnostic(Diagnostic.Create(Rules.NextNotAwaited, call.Syntax.GetLocation(), NameOf(call)));
            if (block is not IBlockOperation) continue;
            foreach (var call in FindRepeated(context.GetControlFlowGraph(block), block))
                context.ReportDiagnostic(Diagnostic.Create(Rules.NextTwice, call.Syntax.GetLocation(), NameOf(call)));
        }
    }

    private static bool IsNext(ITypeSymbol type) => SdkTypes.IsFromSdk(type) && type.Name is "RunDelegate" or "FunctionDelegate";

    private static bool IsNextCall(IInvocationOperation call) =>
        call.TargetMethod.MethodKind == MethodKind.DelegateInvoke && IsNext(call.TargetMethod.ContainingType) && call.Instance is IParameterReferenceOperation;

    private static string NameOf(IInvocationOperation call) => ((IParameterReferenceOperation)call.Instance!).Parameter.Name;

    private static bool IsDropped(IInvocationOperation call) =>
        call.Parent is IExpressionStatementOperation or ISimpleAssignmentOperation { Target: IDiscardOperation };

    /// <summary>The calls that a path reaches after another one.</summary>
    private static IEnumerable<IInvocationOperation> FindRepeated(ControlFlowGraph graph, IOperation body)
    {
        var calls = graph.Blocks
            .SelectMany(b => CallsIn(b).Select(call => (Block: b, Call: call)))
            .ToList();
        foreach (var (block, call) in calls)
        {
            var isAfterOther = calls.Any(other => other.Call != call
                && (other.Block == block ? other.Call.Syntax.SpanStart < call.Syntax.SpanStart : Leads(other.Block, block)));
            if (isAfterOther || Leads(block, block) || IsInCatchOfOther(call, body)) yield return call;
        }
    }

    private static IEnumerable<IInvocationOperation> CallsIn(BasicBlock block) =>
        block.Operations.Concat(block.BranchValue is { } value ? [value] : [])
            .SelectMany(o => o.DescendantsAndSelf()).OfType<IInvocationOperation>().Where(IsNextCall);

    private static bool Leads(BasicBlock from, BasicBlock to)
    {
        var seen = new HashSet<BasicBlock>();
        var open = new Stack<BasicBlock>([from]);
        while (open.Count > 0)
        {
            var block = open.Pop();
            foreach (var next in new[] { block.FallThroughSuccessor?.Destination, block.ConditionalSuccessor?.Destination })
            {
                if (next is null) continue;
                if (next == to) return true;
                if (seen.Add(next)) open.Push(next);
            }
        }

        return false;
    }

    // The graph has no edges for exceptions: a handler runs after a call in its try block.
    private static bool IsInCatchOfOther(IInvocationOperation call, IOperation body) =>
        body.Descendants().OfType<ITryOperation>().Any(t =>
            t.Catches.Any(c => c.Syntax.Span.Contains(call.Syntax.Span))
            && t.Body.Descendants().OfType<IInvocationOperation>().Any(IsNextCall));
}
