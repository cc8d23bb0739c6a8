namespace PluginHost.Sqlite;

/// <summary>What the writer's connection has done since it was opened.</summary>
/// <param name="Statements">The number of statements.</param>
/// <param name="Pages">The number of pages written to the log.</param>
internal readonly record struct WriterCounts(long Statements, long Pages);
