namespace PluginHost.Sdk;

/// <summary>Identifies a session. Both parts are untrusted input: never use them as a path or in the text of a query.</summary>
/// <param name="Tenant">
/// The tenant that owns the session; <c>default</c> on a host without tenants. Sessions of different tenants may have the same id.
/// </param>
/// <param name="Id">The session's id, 1 to 128 characters, compared by ordinal.</param>
public readonly record struct SessionKey(string Tenant, string Id);
