namespace PluginHost.Benchmarks.Load;

/// <summary>What to load, and how much.</summary>
/// <param name="Url">The server.</param>
/// <param name="Connections">How many requests are under way at any time; each has a session of its own.</param>
/// <param name="Seconds">How long is measured.</param>
/// <param name="WarmUpSeconds">How long requests are sent before that.</param>
/// <param name="Seed">How many messages each session holds at the start.</param>
/// <param name="Agent">The agent.</param>
/// <param name="ApiKey">The API key; null for none.</param>
internal sealed record LoadOptions(Uri Url, int Connections, int Seconds, int WarmUpSeconds, int Seed, string Agent, string? ApiKey);
