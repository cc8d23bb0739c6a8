using Microsoft.CodeAnalysis.Operations;

namespace PluginHost.Analyzers;

/// <summary>Finds plugins that read the system's clock.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp, LanguageNames.VisualBasic)]
internal sealed class ClockAnalyzer : DiagnosticAnalyzer
{
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [Rules.Clock];

    public override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.EnableConcurrentExecution();
        context.RegisterCompilationStartAction(start =>
        {
            if (SdkTypes.From(start.Compilation) is not null) start.RegisterOperationAction(Analyze, OperationKind.PropertyReference);
        });
    }

    private static void Analyze(OperationAnalysisContext context)
    {
        var property = ((IPropertyReferenceOperation)context.Operation).Property;
        if (property.Name is not ("Now" or "UtcNow" or "Today") || property.ContainingType.ToDisplayString() is not ("System.DateTime" or "System.DateTimeOffset")) return;
        context.ReportDiagnostic(Diagnostic.Create(
            Rules.Clock, context.Operation.Syntax.GetLocation(), $"{property.ContainingType.Name}.{property.Name}"));
    }
}
