using System.ComponentModel.DataAnnotations;
using PluginHost.Sdk;

namespace PluginHost.Memory;

/// <summary>Options of the <c>memory</c> plugin.</summary>
/// <param name="MaxFacts">The maximum number of facts of a session, user, agent or tenant, 1 to 1000. The oldest facts are dropped. Default: 50.</param>
/// <param name="MaxChars">
/// The maximum number of characters of the facts that a run gets, 1 to 100,000. A session keeps no more; of a user, an agent or a tenant those are chosen
/// that fit the input best and are newest. Default: 4000.
/// </param>
/// <param name="Scope">Who remembers the same facts. Default: Session.</param>
/// <param name="Path">The file with the facts of users, agents and tenants, on a local disk. Default: memory.db in the plugin's data folder.</param>
public sealed record MemoryOptions(
    [Range(1, 1000)] int MaxFacts = 50,
    [Range(1, 100_000)] int MaxChars = 4000,
    Scope Scope = Scope.Session,
    [MinLength(1), OptionPath(Writable = true)] string? Path = null);
