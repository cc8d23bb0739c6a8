namespace PluginHost.Benchmarks.Soak;

/// <summary>The options of the command <c>soak</c>.</summary>
/// <param name="HostAssembly">The path of the host's pluginhost.dll.</param>
/// <param name="Configuration">The path of the host's configuration file.</param>
/// <param name="Streams">The number of concurrent streams.</param>
/// <param name="Others">The number of other callers. They send runs, read messages and delete sessions.</param>
/// <param name="WarmUpSeconds">The duration of the warm-up in seconds.</param>
/// <param name="Seconds">The duration of the measurement in seconds.</param>
/// <param name="WordMilliseconds">The delay of the echo model before each word, in milliseconds.</param>
/// <param name="OverloadClients">The number of concurrent callers of the overload. 0 for no overload.</param>
/// <param name="OverloadSeconds">The duration of the overload in seconds.</param>
/// <param name="Variables">More environment variables for the host.</param>
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
