using PluginHost.Sdk;

namespace PluginHost.Engine.Plugins.Catalog;

/// <summary>A setting that names plugins.</summary>
/// <param name="Path">The setting, for people.</param>
/// <param name="Role">What a plugin is there, as the end of "cannot be …".</param>
internal sealed record PluginPlace(string Path, string Role)
{
    public static PluginPlace Chain { get; } = new("an agent's Chain", "in a chain");

    public static PluginPlace SessionStore { get; } = new("Sessions:Store", "the session store");

    public static PluginPlace ModelClient { get; } = new("an agent's Model:Client", "a chat client");
}

/// <summary>What a plugin can be; one class may be several. The only list of the kinds: a new one is a row here. Immutable.</summary>
/// <param name="Interface">The interface of the SDK that makes a class a plugin of this kind.</param>
/// <param name="Name">The name for people.</param>
/// <param name="ObservedAs">The value of <c>pluginhost.plugin.kind</c> in telemetry.</param>
/// <param name="Place">The only setting that takes plugins of this kind.</param>
internal sealed record PluginKind(Type Interface, string Name, string ObservedAs, PluginPlace Place)
{
    public static PluginKind History { get; } = new(typeof(IHistoryProvider), "history provider", "history", PluginPlace.Chain);

    public static PluginKind Context { get; } = new(typeof(IContextProvider), "context provider", "context", PluginPlace.Chain);

    public static PluginKind RunMiddleware { get; } = new(typeof(IRunMiddleware), "run middleware", "run_middleware", PluginPlace.Chain);

    public static PluginKind ChatMiddleware { get; } = new(typeof(IChatMiddleware), "chat middleware", "chat_middleware", PluginPlace.Chain);

    public static PluginKind FunctionMiddleware { get; } =
        new(typeof(IFunctionMiddleware), "function middleware", "function_middleware", PluginPlace.Chain);

    public static PluginKind SessionStore { get; } = new(typeof(ISessionStore), "session store", "session_store", PluginPlace.SessionStore);

    public static PluginKind ChatClient { get; } = new(typeof(IChatClientFactory), "chat client", "chat_client", PluginPlace.ModelClient);

    public static IReadOnlyList<PluginKind> All { get; } =
        [History, Context, RunMiddleware, ChatMiddleware, FunctionMiddleware, SessionStore, ChatClient];

    /// <summary>The kinds of a class. By name, because a class that is read as metadata has other interface objects.</summary>
    public static IReadOnlyList<PluginKind> From(Type plugin)
    {
        var interfaces = plugin.GetInterfaces().Select(i => i.FullName).ToHashSet();
        return [.. All.Where(k => interfaces.Contains(k.Interface.FullName))];
    }

    /// <summary>The names of several kinds, for people.</summary>
    public static string Describe(IEnumerable<PluginKind> kinds) => string.Join(" and ", kinds.Select(k => k.Name));
}
