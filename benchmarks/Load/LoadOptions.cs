namespace PluginHost.Benchmarks.Load;

/// <summary>The options of the command <c>load</c>.</summary>
/// <param name="Url">The address of the server.</param>
/// <param name="Connections">The number of concurrent requests. Each uses its own session.</param>
/// <param name="Seconds">The duration of the measurement in seconds.</param>
/// <param name="WarmUpSeconds">The duration of the warm-up in seconds.</param>
/// <param name="Seed">The number of messages in each session at the start.</param>
/// <param name="Agent">The agent to run.</param>
/// <param name="ApiKey">The API key, or null to send none.</param>
/// <param name="Streamed">Whether runs are streamed.</param>
internal sealed record LoadOptions(Uri Url, int Connections, int Seconds, int WarmUpSeconds, int Seed, string Agent, string? ApiKey, bool Streamed = false);
