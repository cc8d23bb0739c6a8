namespace PluginHost.Engine.Configuration.Model;

/// <summary>A place where plain API keys are: either a file or an environment variable.</summary>
internal sealed record ApiKeySource : Settings
{
    /// <summary>A file with one key to a line.</summary>
    public string? File { get; init; }

    /// <summary>An environment variable with one key.</summary>
    public string? Environment { get; init; }

    /// <summary>The tenant of the keys.</summary>
    public string Tenant { get; init; } = TenantIds.Default;

    /// <summary>Whether the keys open the admin endpoints.</summary>
    public bool Admin { get; init; }
}
