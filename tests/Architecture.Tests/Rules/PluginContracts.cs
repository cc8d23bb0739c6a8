using PluginHost.Architecture.Sources;

namespace PluginHost.Architecture.Rules;

/// <summary>Whose members are a plugin's code.</summary>
internal static class PluginContracts
{
    /// <summary>Interfaces of the SDK that plugins implement.</summary>
    public static IReadOnlyList<string> Implemented { get; } =
    [
        "IChatClientFactory", "IChatMiddleware", "IContextProvider", "IFunctionMiddleware", "IHistoryProvider", "IMessageCleanup", "IPluginHealth",
        "IPluginLifecycle", "IResourceHandover", "IRunExplanations", "IRunJournal", "IRunMiddleware", "ISessionCleanup", "ISessionStore", "ISharedSessionStore", "IStoreBackup", "IUserData",
    ];

    /// <summary>
    /// Whether a use runs a plugin's code: a member of a contract, or the disposal of an object that is known as nothing else but
    /// disposable, which is what a plugin's object is to the host.
    /// </summary>
    public static bool IsPluginCode(Use use) =>
        use.Symbol is IMethodSymbol or IPropertySymbol or IEventSymbol
        && use.Symbol.ContainingType is { TypeKind: TypeKind.Interface } type
        && (type.ContainingNamespace.ToString() switch
        {
            "PluginHost.Sdk" => Implemented.Contains(type.Name),
            "System" => type.Name is "IAsyncDisposable" or "IDisposable",
            _ => false,
        });
}
