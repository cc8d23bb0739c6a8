namespace PluginHost.Files.Sessions;

/// <summary>The location and the keys of a run in the runs file.</summary>
/// <param name="Id">The run's id.</param>
/// <param name="IdempotencyKey">The caller's key; null for none.</param>
/// <param name="CreatedAt">When the run was accepted.</param>
/// <param name="Offset">The offset of its latest record.</param>
/// <param name="Length">The length of that record in bytes.</param>
/// <param name="IsTrouble">Whether it failed, or a plugin or a tool failed in it.</param>
/// <param name="FirstOffset">The offset of its first record, which gives its position in lists.</param>
internal sealed record RunEntry(string Id, string? IdempotencyKey, DateTimeOffset CreatedAt, long Offset, int Length, bool IsTrouble, long FirstOffset);
