using System.ComponentModel.DataAnnotations;

namespace PluginHost.Memory;

/// <summary>Options of the <c>memory</c> plugin.</summary>
/// <param name="MaxFacts">How many facts a session remembers at most; default 50. One more, and the oldest goes.</param>
/// <param name="MaxChars">How many characters all facts of a session have together at most; default 4000.</param>
public sealed record MemoryOptions(
    [Range(1, 1000)] int MaxFacts = 50,
    [Range(1, 100_000)] int MaxChars = 4000);
