using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;

namespace PluginHost.Cli.Authors;

/// <summary>The result of a build.</summary>
/// <param name="Output">The folder with the plugin's files; null when the build failed.</param>
/// <param name="Name">The name of the plugin's assembly, and so of its folder in a host.</param>
/// <param name="Messages">The errors when the build failed, else its warnings, one per line.</param>
/// <param name="Duration">How long it took.</param>
internal sealed record DevBuildResult(string? Output, string Name, IReadOnlyList<string> Messages, TimeSpan Duration)
{
    /// <summary>What took that time: the build, or the compiler alone.</summary>
    public string Step { get; init; } = "build";
}

/// <summary>Builds the project of a plugin with the .NET SDK.</summary>
internal sealed class DevBuild(string project)
{
    private bool _restored;
    private DevCompiler? _compiler;

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

    /// <summary>Compiles when nothing but known sources has changed since the last build, and builds otherwise.</summary>
    /// <param name="changed">The files that have changed.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    public async Task<DevBuildResult> RunAsync(IReadOnlyList<string> changed, CancellationToken cancellationToken) =>
        _compiler?.Covers(changed) == true && await _compiler.RunAsync(cancellationToken) is { } compiled ? compiled : await RunAsync(cancellationToken);

    public async Task<DevBuildResult> RunAsync(CancellationToken cancellationToken)
    {
        var begin = Stopwatch.GetTimestamp();
        // What has changed is not in a build that fails.
        _compiler = null;
        List<string> arguments =
        [
            "build", Project, "--nologo", "--verbosity", "quiet", "-t:Build", "-p:ProvideCommandLineArgs=true", "-getProperty:TargetDir", "-getProperty:AssemblyName",
            "-getProperty:RoslynTargetsPath", "-getItem:CscCommandLineArgs",
        ];
        if (_restored) arguments.Add("--no-restore");
        var (code, output, errors) = await RunDotnetAsync(Folder, arguments, cancellationToken);
        var (log, duration) = ($"{output}\n{errors}", Stopwatch.GetElapsedTime(begin));
        if (code != 0) return new(null, "", FindLines(log, ": error ") is { Count: > 0 } found ? found : [log.Trim()], duration);
        _restored = true;
        using var build = JsonDocument.Parse(output[output.IndexOf('{', StringComparison.Ordinal)..]);
        var values = build.RootElement.GetProperty("Properties");
        DevBuildResult built = new(values.GetProperty("TargetDir").GetString(), values.GetProperty("AssemblyName").GetString()!, FindLines(log, ": warning "), duration);
        _compiler = DevCompiler.Create(Folder, build.RootElement, built);
        return built;
    }

    /// <summary>Runs <c>dotnet</c> to its end.</summary>
    /// <param name="folder">The working folder.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="cancellationToken">Ends it.</param>
    internal static async Task<(int Code, string Output, string Errors)> RunDotnetAsync(string folder, IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo("dotnet", arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        // The build server stays in memory between builds, which are then faster. It ends by itself when it is idle.
        start.Environment.TryAdd("DOTNET_CLI_USE_MSBUILD_SERVER", "1");
        try
        {
            using var process = Process.Start(start) ?? throw new InvalidOperationException("dotnet did not start.");
            using var end = cancellationToken.Register(() => process.Kill(entireProcessTree: true));
            var errors = process.StandardError.ReadToEndAsync(cancellationToken);
            var output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            return (process.ExitCode, output, await errors);
        }
        catch (Win32Exception)
        {
            return (1, "", "There is no program 'dotnet' in PATH. Install the .NET SDK, which builds the plugin.");
        }
    }

    // MSBuild repeats them in its summary.
    internal static List<string> FindLines(string log, string mark) =>
        [.. log.Split('\n').Select(l => l.Trim()).Where(l => l.Contains(mark, StringComparison.Ordinal)).Distinct()];
}
