using System.ComponentModel.DataAnnotations;

namespace PluginHost.Files;

/// <summary>Options of <c>file-history</c>.</summary>
/// <param name="Path">The folder of the files; relative to the host's working directory. Only one host at a time can own it.</param>
/// <param name="Window">The maximum number of messages in a run, 1 or more. The newest are kept.</param>
public sealed record FileHistoryOptions([MinLength(1)] string Path = "data/files", [Range(1, int.MaxValue)] int Window = 50);

/// <summary>Options of <c>file-sessions</c>.</summary>
/// <param name="Path">The folder of the files; relative to the host's working directory. May be the folder of <c>file-history</c>.</param>
public sealed record FileSessionsOptions([MinLength(1)] string Path = "data/files");
