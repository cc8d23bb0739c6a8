using PluginHost.Engine.Configuration.Model;

namespace PluginHost.Http.Access;

/// <summary>The sender of a request, by its key or token. <see cref="AccessMiddleware"/> keeps it with the request. Immutable.</summary>
/// <param name="Tenant">The owner of the sessions.</param>
/// <param name="IsAdmin">Whether it may use the admin endpoints.</param>
internal sealed record Caller(string Tenant, bool IsAdmin)
{
    /// <summary>Every sender, on a host without keys.</summary>
    public static Caller Anonymous { get; } = new(TenantIds.Default, IsAdmin: true);
}
