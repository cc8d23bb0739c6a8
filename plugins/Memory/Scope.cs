namespace PluginHost.Memory;

/// <summary>Who remembers the same facts. Tenants never share any.</summary>
public enum Scope
{
    /// <summary>Each session.</summary>
    Session,

    /// <summary>Each user of a tenant, as the caller names it, in all sessions. A run without a user remembers for its session.</summary>
    User,

    /// <summary>Each agent, for all users and sessions of a tenant.</summary>
    Agent,

    /// <summary>Each tenant, for all its users, sessions and agents.</summary>
    Tenant,
}
