namespace PluginHost.Postgres.Tests;

/// <summary>Tests beside which no others run: changes of sessions are counted for the process, and all tests use the same session.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
