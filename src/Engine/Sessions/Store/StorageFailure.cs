using System.Data.Common;
using System.Net.Sockets;
using PluginHost.Engine.Errors;
using PluginHost.Sdk;

namespace PluginHost.Engine.Sessions.Store;

/// <summary>What callers learn of stores that fail: the cause and the cure where the store names them, and no more.</summary>
internal static class StorageFailure
{
    /// <summary>Whether an exception says that a store or another plugin failed outside a run's chain.</summary>
    public static bool Is(Exception e) => e is PluginException or SessionStoreException;

    /// <summary>Whether a disk, a database or a connection is the cause, and no defect of the plugin or the host.</summary>
    public static bool IsOfStorage(Exception e) => e is PluginException { TimedOut: true } || (Is(e) && e.InnerException is
        null or StorageException or IOException or UnauthorizedAccessException or DbException or SocketException or HttpRequestException
        or TimeoutException or OperationCanceledException);

    public static ProblemException Problem(Exception e) => !IsOfStorage(e)
        ? new(ProblemTypes.InternalError, "The host or a plugin failed; the host's log has the cause.")
        : new(ProblemTypes.StorageUnavailable, $"{Describe(e)} Try again.") { RetryAfterSeconds = 1 };

    public static string Describe(Exception e) => e switch
    {
        PluginException { InnerException: StorageException storage } => CallerText.From(storage),
        PluginException or SessionStoreException => CallerText.HidePaths(e.Message),
        _ => "The session store failed.",
    };
}
