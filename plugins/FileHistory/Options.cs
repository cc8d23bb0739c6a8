using System.ComponentModel.DataAnnotations;

namespace PluginHost.Files;

/// <summary>Options of <c>file-history</c>.</summary>
/// <param name="Path">The folder of the files; relative to the host's working directory. Only one host at a time can own it.</param>
public sealed record FileHistoryOptions([MinLength(1), OptionPath(Folder = true, Writable = true)] string Path = "data/files");

/// <summary>Options of <c>file-sessions</c>.</summary>
/// <param name="Path">The folder of the files; relative to the host's working directory. May be the folder of <c>file-history</c>.</param>
public sealed record FileSessionsOptions([MinLength(1), OptionPath(Folder = true, Writable = true)] string Path = "data/files");
