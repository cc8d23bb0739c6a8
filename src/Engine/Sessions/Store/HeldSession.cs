namespace PluginHost.Engine.Sessions.Store;

/// <summary>A session that the host has or is claiming. Guarded by the lock of <see cref="SessionClaims"/>.</summary>
internal sealed class HeldSession
{
    public int Uses { get; set; }

    public long LastUse { get; set; }

    /// <summary>The claim that counts; null when the session has to be claimed.</summary>
    public SessionClaim? Claim { get; set; }

    /// <summary>The number of the last claim that the store granted; 0 for none.</summary>
    public long Number { get; set; }

    /// <summary>The number up to which its claims are lost.</summary>
    public long Lost { get; set; }
}

/// <summary>One claim of a session.</summary>
internal sealed class SessionClaim
{
    /// <summary>Ends when the session is the host's, and what was left in it is taken over.</summary>
    public Task End { get; set; } = Task.CompletedTask;

    /// <summary>0 until the store has granted it.</summary>
    public long Number { get; set; }
}
