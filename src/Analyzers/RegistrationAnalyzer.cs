using System.Text.RegularExpressions;

namespace PluginHost.Analyzers;

/// <summary>Finds in the source what the host would refuse at load: names, classes and constructors of registrations.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp, LanguageNames.VisualBasic)]
internal sealed class RegistrationAnalyzer : DiagnosticAnalyzer
{
    private static readonly Regex Name = new(@"\A[a-z][a-z0-9-]{0,63}\z", RegexOptions.CultureInvariant);

    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [Rules.Registration];

    public override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.EnableConcurrentExecution();
        context.RegisterCompilationAction(Analyze);
    }

    private static void Analyze(CompilationAnalysisContext context)
    {
        if (SdkTypes.From(context.Compilation) is not { } sdk) return;
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var attribute in sdk.Registrations)
        {
            var name = attribute.ConstructorArguments.FirstOrDefault().Value as string ?? "";
            var location = attribute.ApplicationSyntaxReference?.GetSyntax(context.CancellationToken).GetLocation();
            foreach (var defect in Find(attribute, name, names))
                context.ReportDiagnostic(Diagnostic.Create(Rules.Registration, location, name, defect));
        }
    }

    private static IEnumerable<string> Find(AttributeData attribute, string name, HashSet<string> names)
    {
        if (!Name.IsMatch(name)) yield return "The name is not allowed. Allowed are 1 to 64 lower case letters, digits and hyphens, beginning with a letter.";
        else if (!names.Add(name)) yield return "The name is registered twice.";
        var (plugin, options) = TypesOf(attribute);
        if (plugin is null) yield break;
        if (plugin.IsAbstract || plugin.IsUnboundGenericType || plugin.TypeKind != TypeKind.Class)
            yield return $"{plugin.Name} cannot be constructed. Register a class that is neither abstract nor generic.";
        else if (!plugin.InstanceConstructors.Any(c => c.DeclaredAccessibility == Accessibility.Public && Fits(c, options)))
            yield return $"{plugin.Name} has no public constructor that the host can call. Allowed: {Allowed(options)}.";
        if (!IsVisible(plugin)) yield return $"{plugin.Name} is not public. Make it public, with the classes around it.";
        if (!plugin.AllInterfaces.Any(IsKind)) yield return $"{plugin.Name} implements no plugin interface of {SdkTypes.Namespace}.";
    }

    private static (INamedTypeSymbol? Plugin, INamedTypeSymbol? Options) TypesOf(AttributeData attribute)
    {
        var plugin = attribute.ConstructorArguments.Select(a => a.Value).OfType<INamedTypeSymbol>().FirstOrDefault();
        return (plugin, attribute.NamedArguments.FirstOrDefault(a => a.Key == "Options").Value.Value as INamedTypeSymbol);
    }

    // A plugin with options that does not take them would ignore what is configured.
    private static bool Fits(IMethodSymbol constructor, INamedTypeSymbol? options) =>
        string.Concat(constructor.Parameters.Select(p => KindOf(p.Type, options))) switch
        {
            "" or "c" => options is null,
            "o" or "oc" => true,
            _ => false,
        };

    private static char KindOf(ITypeSymbol parameter, INamedTypeSymbol? options) =>
        SdkTypes.IsFromSdk(parameter) && parameter.Name == "PluginContext" ? 'c'
        : SymbolEqualityComparer.Default.Equals(parameter, options) ? 'o'
        : '?';

    private static string Allowed(INamedTypeSymbol? options) =>
        options is null ? "() or (PluginContext context)" : $"({options.Name} options) or ({options.Name} options, PluginContext context)";

    private static bool IsVisible(INamedTypeSymbol type) =>
        type.DeclaredAccessibility == Accessibility.Public && (type.ContainingType is null || IsVisible(type.ContainingType));

    // Other interfaces of the SDK add to a plugin and make no class one.
    private static bool IsKind(INamedTypeSymbol type) => SdkTypes.IsFromSdk(type) && type.Name is
        "IHistoryProvider" or "IContextProvider" or "IRunMiddleware" or "IChatMiddleware" or "IFunctionMiddleware"
        or "ISessionStore" or "IChatClientFactory";
}
