using PluginHost.Engine.Configuration.Model;

namespace PluginHost.Http.Access;

/// <summary>The sender of a request, by its key or token. <see cref="AccessMiddleware"/> keeps it with the request. Immutable.</summary>
/// <param name="Tenant">The owner of the sessions.</param>
/// <param name="IsAdmin">Whether it may use the admin endpoints.</param>
internal sealed record Caller(string Tenant, bool IsAdmin)
{
    /// <summary>Who it is, where that is recorded: the subject of a token, or the beginning of a key's hash; null without keys.</summary>
    public string? Name { get; init; }

    /// <summary>When the caller's token expires; null for a caller with a key or without either.</summary>
    public DateTimeOffset? ValidUntil { get; init; }

    /// <summary>Every sender, on a host without keys.</summary>
    public static Caller Anonymous { get; } = new(TenantIds.Default, IsAdmin: true);
}
