namespace PluginHost.Sdk;

/// <summary>A save expected another version of the session than the store holds. Nothing was changed.</summary>
public sealed class SessionConflictException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="session">The session.</param>
    /// <param name="expected">The version that the save expected.</param>
    /// <param name="found">The version that the store holds; 0 when the session does not exist.</param>
    public SessionConflictException(SessionKey session, long expected, long found)
        : base($"Another save changed session '{session.Id}': expected version {expected}, found {found}.")
    {
        Session = session;
        Expected = expected;
        Found = found;
    }

    /// <summary>The session.</summary>
    public SessionKey Session { get; }

    /// <summary>The version that the save expected.</summary>
    public long Expected { get; }

    /// <summary>The version that the store holds.</summary>
    public long Found { get; }
}
