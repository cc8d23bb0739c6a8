namespace PluginHost.Budget.Limits;

/// <summary>What a limit counts.</summary>
public enum Measure
{
    /// <summary>Input and output tokens of the model.</summary>
    Tokens,

    /// <summary>The cost of the model's tokens by the configured prices.</summary>
    Money,

    /// <summary>Calls of the model, failed ones included.</summary>
    ModelCalls,

    /// <summary>Calls of plugins' tools, failed ones included.</summary>
    ToolCalls,
}

/// <summary>Who has a budget.</summary>
public enum Scope
{
    /// <summary>Each run.</summary>
    Run,

    /// <summary>Each session.</summary>
    Session,

    /// <summary>Each user of a tenant, as the caller names it. Runs without a user share one budget of their tenant.</summary>
    User,

    /// <summary>Each agent, over all tenants.</summary>
    Agent,

    /// <summary>Each tenant.</summary>
    Tenant,
}

/// <summary>After which time a budget begins anew, in UTC.</summary>
public enum Window
{
    /// <summary>Never.</summary>
    None,

    /// <summary>At each full hour.</summary>
    Hour,

    /// <summary>At midnight.</summary>
    Day,

    /// <summary>At the first midnight of a month.</summary>
    Month,
}
