namespace PluginHost.Sdk;

/// <summary>A write was refused, because the session belongs to another host now, or to none. Nothing was changed.</summary>
public sealed class SessionMovedException : StorageException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="session">The session.</param>
    /// <param name="innerException">The error of the database; null for none.</param>
    public SessionMovedException(SessionKey session, Exception? innerException = null)
        : base($"Another host has taken over session '{session.Id}', because this one was out of reach for longer than its lease. Nothing that was acknowledged is lost. Send the request again.", innerException) =>
        Session = session;

    /// <summary>The session.</summary>
    public SessionKey Session { get; }
}
