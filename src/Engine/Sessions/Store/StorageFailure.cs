using PluginHost.Engine.Errors;
using PluginHost.Sdk;

namespace PluginHost.Engine.Sessions.Store;

/// <summary>What callers learn of stores that fail: the cause and the cure where the store names them, and no more.</summary>
internal static class StorageFailure
{
    /// <summary>Whether an exception says that a store or another plugin failed outside a run's chain.</summary>
    public static bool Is(Exception e) => e is PluginException or SessionStoreException;

    public static ProblemException Problem(Exception e) =>
        new(ProblemTypes.StorageUnavailable, $"{Describe(e)} Nothing was changed; try again.") { RetryAfterSeconds = 1 };

    public static string Describe(Exception e) => e switch
    {
        PluginException { InnerException: StorageException storage } => storage.Message,
        PluginException or SessionStoreException => e.Message,
        _ => "The session store failed.",
    };
}
