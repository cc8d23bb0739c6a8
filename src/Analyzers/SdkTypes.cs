namespace PluginHost.Analyzers;

/// <summary>The SDK as a compilation sees it. Immutable.</summary>
internal sealed class SdkTypes
{
    public const string Namespace = "PluginHost.Sdk";

    // The host calls these while no run uses the instance, one at a time.
    private static readonly string[] Lifecycle = ["IPluginLifecycle", "IResourceHandover"];

    private readonly Compilation _compilation;

    private SdkTypes(Compilation compilation, ImmutableArray<AttributeData> registrations)
    {
        _compilation = compilation;
        Registrations = registrations;
        ChatClient = Find("Microsoft.Extensions.AI.IChatClient");
    }

    /// <summary>The attributes that register plugins.</summary>
    public ImmutableArray<AttributeData> Registrations { get; }

    public INamedTypeSymbol? ChatClient { get; }

    /// <summary>The SDK of a compilation that registers plugins; null for another, whose code runs in no host.</summary>
    public static SdkTypes? From(Compilation compilation)
    {
        var registrations = compilation.Assembly.GetAttributes()
            .Where(a => a.AttributeClass is { Name: "PluginAttribute" } type && IsFromSdk(type))
            .ToImmutableArray();
        return registrations.IsEmpty ? null : new SdkTypes(compilation, registrations);
    }

    public static bool IsFromSdk(ISymbol? symbol) => symbol?.ContainingNamespace?.ToDisplayString() == Namespace;

    public INamedTypeSymbol? Find(string name) => _compilation.GetTypeByMetadataName(name);

    /// <summary>The methods of a class that the host calls while runs are in progress.</summary>
    /// <param name="type">The class.</param>
    /// <param name="withChatClients">Whether calls of a chat client count, which is one run's where a middleware makes it.</param>
    public IEnumerable<IMethodSymbol> FindHooks(INamedTypeSymbol type, bool withChatClients) =>
        from contract in type.AllInterfaces
        where (IsFromSdk(contract) && !Lifecycle.Contains(contract.Name))
            || (withChatClients && SymbolEqualityComparer.Default.Equals(contract, ChatClient))
        from member in contract.GetMembers().OfType<IMethodSymbol>()
        let implementation = type.FindImplementationForInterfaceMember(member)
        from hook in type.GetMembers().OfType<IMethodSymbol>()
        where SymbolEqualityComparer.Default.Equals(FirstOf(hook), implementation)
        select hook;

    /// <summary>The method itself, or the one of a base class that it overrides.</summary>
    private static IMethodSymbol FirstOf(IMethodSymbol method)
    {
        while (method.OverriddenMethod is { } overridden) method = overridden;
        return method;
    }
}
