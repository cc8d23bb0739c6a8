using PluginHost.Engine.Configuration.Model;

namespace PluginHost.Http.Access;

/// <summary>Who sent a request, as its key or token tells: kept with the request by <see cref="AccessMiddleware"/>. Immutable.</summary>
/// <param name="Tenant">Whose sessions it is about.</param>
/// <param name="IsAdmin">Whether it may use the admin endpoints.</param>
internal sealed record Caller(string Tenant, bool IsAdmin)
{
    /// <summary>Everybody, on a host that asks for no key: who reaches it owns it.</summary>
    public static Caller Anybody { get; } = new(TenantIds.Default, IsAdmin: true);
}
