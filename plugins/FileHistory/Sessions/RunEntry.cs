namespace PluginHost.Files.Sessions;

/// <summary>A run as it is found in a file.</summary>
/// <param name="Id">The run.</param>
/// <param name="IdempotencyKey">The caller's key.</param>
/// <param name="CreatedAt">When it was accepted.</param>
/// <param name="Offset">Where its latest record begins.</param>
/// <param name="Length">How long that record is.</param>
/// <param name="FirstOffset">Where its first record begins, which gives its place in lists.</param>
internal sealed record RunHead(string Id, string? IdempotencyKey, DateTimeOffset CreatedAt, long Offset, int Length, long FirstOffset);
