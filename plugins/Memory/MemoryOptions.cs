using System.ComponentModel.DataAnnotations;

namespace PluginHost.Memory;

/// <summary>Options of the <c>memory</c> plugin.</summary>
/// <param name="MaxFacts">The maximum number of facts in a session, 1 to 1000. The oldest facts are dropped. Default: 50.</param>
/// <param name="MaxChars">The maximum number of characters of all facts in a session, 1 to 100,000. Default: 4000.</param>
public sealed record MemoryOptions(
    [Range(1, 1000)] int MaxFacts = 50,
    [Range(1, 100_000)] int MaxChars = 4000);
