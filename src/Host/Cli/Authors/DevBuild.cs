using System.Diagnostics;
using System.Text.Json;

namespace PluginHost.Cli.Authors;

/// <summary>The result of a build.</summary>
/// <param name="Output">The folder with the plugin's files; null when the build failed.</param>
/// <param name="Name">The name of the plugin's assembly, and so of its folder in a host.</param>
/// <param name="Messages">The errors when the build failed, else its warnings, one per line.</param>
/// <param name="Duration">How long it took.</param>
internal sealed record DevBuildResult(string? Output, string Name, IReadOnlyList<string> Messages, TimeSpan Duration);

/// <summary>Builds the project of a plugin with the .NET SDK.</summary>
internal sealed class DevBuild(string project)
{
    private bool _restored;

    public string Project { get; } = project;

    /// <summary>The folder whose sources are watched.</summary>
    public string Folder => Path.GetDirectoryName(Project)!;

    /// <summary>Finds the project of a path: a project file, a folder with one, or a folder with one in the folder of its name.</summary>
    /// <returns>The absolute path; null when there is none, or more than one.</returns>
    public static string? FindProject(string path)
    {
        var full = Path.GetFullPath(path);
        if (File.Exists(full)) return full;
        if (!Directory.Exists(full)) return null;
        string[] folders = [full, Path.Combine(full, Path.GetFileName(Path.TrimEndingDirectorySeparator(full)))];
        return folders.Where(Directory.Exists).Select(f => Directory.GetFiles(f, "*.*proj")).FirstOrDefault(found => found.Length > 0) is [var only] ? only : null;
    }

    public async Task<DevBuildResult> RunAsync(CancellationToken cancellationToken)
    {
        var begin = Stopwatch.GetTimestamp();
        using var process = Process.Start(CreateStart()) ?? throw new InvalidOperationException("dotnet did not start.");
        using var end = cancellationToken.Register(() => process.Kill(entireProcessTree: true));
        var errors = process.StandardError.ReadToEndAsync(cancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        var (log, duration) = ($"{output}\n{await errors}", Stopwatch.GetElapsedTime(begin));
        if (process.ExitCode != 0) return new(null, "", FindLines(log, ": error ") is { Count: > 0 } found ? found : [log.Trim()], duration);
        _restored = true;
        using var properties = JsonDocument.Parse(output[output.IndexOf('{', StringComparison.Ordinal)..]);
        var values = properties.RootElement.GetProperty("Properties");
        return new(values.GetProperty("TargetDir").GetString(), values.GetProperty("AssemblyName").GetString()!, FindLines(log, ": warning "), duration);
    }

    private ProcessStartInfo CreateStart()
    {
        var start = new ProcessStartInfo("dotnet") { WorkingDirectory = Folder, RedirectStandardOutput = true, RedirectStandardError = true };
        string[] arguments = ["build", Project, "--nologo", "--verbosity", "quiet", "-t:Build", "-getProperty:TargetDir", "-getProperty:AssemblyName"];
        foreach (var argument in _restored ? [.. arguments, "--no-restore"] : arguments) start.ArgumentList.Add(argument);
        // The build server stays in memory between builds, which are then faster. It ends by itself when it is idle.
        start.Environment.TryAdd("DOTNET_CLI_USE_MSBUILD_SERVER", "1");
        return start;
    }

    // MSBuild repeats them in its summary.
    private static List<string> FindLines(string log, string mark) =>
        [.. log.Split('\n').Select(l => l.Trim()).Where(l => l.Contains(mark, StringComparison.Ordinal)).Distinct()];
}
