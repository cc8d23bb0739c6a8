using PluginHost.Sdk;

namespace PluginHost.Engine.Errors;

/// <summary>The session store failed or took longer than its timeout. The message is fit for callers; what the store threw is the inner exception.</summary>
internal sealed class SessionStoreException : Exception
{
    private SessionStoreException(string message, Exception inner)
        : base(message, inner)
    {
    }

    public static SessionStoreException Failed(string store, Exception inner) =>
        new(inner is StorageException ? inner.Message : $"The session store '{store}' failed.", inner);

    public static SessionStoreException TimedOut(string store, TimeSpan timeout, Exception inner) =>
        new($"The session store '{store}' did not answer within {timeout} (Sessions:Store:Host:Timeout).", inner);
}
