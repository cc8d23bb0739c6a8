namespace PluginHost.Memory.Storage;

/// <summary>Whose facts they are. All parts are untrusted.</summary>
/// <param name="Scope">The kind of the owner.</param>
/// <param name="Tenant">The tenant.</param>
/// <param name="Name">The user or the agent; empty for a tenant.</param>
/// <param name="Entry">The entry of the chain. Entries of the same name in several agents share their facts.</param>
internal readonly record struct FactOwner(Scope Scope, string Tenant, string Name, string Entry);
