using System.ComponentModel.DataAnnotations;

namespace PluginHost.Files;

/// <summary>Options of <c>file-history</c>.</summary>
/// <param name="Path">The folder of the files; relative to the host's working directory. One host owns it at a time.</param>
/// <param name="Window">How many messages a run gets at most, 1 or more; the newest are kept.</param>
public sealed record FileHistoryOptions([MinLength(1)] string Path = "data/files", [Range(1, int.MaxValue)] int Window = 50);

/// <summary>Options of <c>file-sessions</c>.</summary>
/// <param name="Path">The folder of the files; relative to the host's working directory. May be the one of <c>file-history</c>.</param>
public sealed record FileSessionsOptions([MinLength(1)] string Path = "data/files");
