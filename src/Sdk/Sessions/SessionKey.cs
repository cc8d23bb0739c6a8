namespace PluginHost.Sdk;

/// <summary>Identifies a session. Both parts come from outside: never use them as a path or in a query's text.</summary>
/// <param name="Tenant">The tenant that owns the session. Sessions of different tenants may have the same id.</param>
/// <param name="Id">The session's id, 1 to 128 characters.</param>
public readonly record struct SessionKey(string Tenant, string Id);
