namespace PluginHost.Benchmarks.Soak;

/// <summary>What is held, and for how long.</summary>
/// <param name="HostAssembly">The host's PluginHost.dll.</param>
/// <param name="Configuration">The host's configuration file.</param>
/// <param name="Streams">How many streams are open at any time.</param>
/// <param name="Others">How many callers run, read and delete beside them.</param>
/// <param name="WarmUpSeconds">How long before memory is watched.</param>
/// <param name="Seconds">How long after that.</param>
/// <param name="WordMilliseconds">How long the echo model waits before each word.</param>
/// <param name="OverloadClients">How many callers at once are too many; 0 for no overload.</param>
/// <param name="OverloadSeconds">How long they try.</param>
/// <param name="Variables">The host's environment beside that.</param>
internal sealed record SoakOptions(
    string HostAssembly,
    string Configuration,
    int Streams,
    int Others,
    int WarmUpSeconds,
    int Seconds,
    int WordMilliseconds,
    int OverloadClients,
    int OverloadSeconds,
    IReadOnlyList<KeyValuePair<string, string>> Variables);
