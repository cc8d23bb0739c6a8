using System.Diagnostics;
using System.Text.Json;

namespace PluginHost.Cli.Authors;

/// <summary>
/// Compiles changed C# sources as the last build did, by the server of the compiler. A build spends most of its time on other things. What
/// else changes needs a build.
/// </summary>
internal sealed class DevCompiler
{
    private const string Out = "/out:", Doc = "/doc:", NoConfig = "/noconfig";

    private readonly string _folder;
    private readonly string _compiler;
    private readonly string _response;
    private readonly DevBuildResult _built;
    private readonly HashSet<string> _sources;
    private readonly IReadOnlyList<string> _outputs;

    private DevCompiler(string folder, string compiler, List<string> arguments, DevBuildResult built)
    {
        (_folder, _compiler, _built) = (folder, compiler, built);
        _sources = arguments.Where(a => WithoutQuotes(a).EndsWith(".cs", StringComparison.Ordinal))
            .Select(a => Path.GetFullPath(WithoutQuotes(a), folder)).ToHashSet(StringComparer.Ordinal);
        var assembly = FindPaths(folder, arguments, Out).First();
        _outputs = [assembly, Path.ChangeExtension(assembly, ".pdb"), .. FindPaths(folder, arguments, Doc)];
        _response = Path.ChangeExtension(assembly, ".dev.rsp");
        // This one is not allowed in a file.
        File.WriteAllLines(_response, arguments.Where(a => a != NoConfig));
    }

    /// <param name="folder">The folder of the project.</param>
    /// <param name="build">What MSBuild printed of a build.</param>
    /// <param name="built">Its result.</param>
    /// <returns>Null when the build did not call the compiler of C#.</returns>
    public static DevCompiler? Create(string folder, JsonElement build, DevBuildResult built)
    {
        var targets = build.GetProperty("Properties").GetProperty("RoslynTargetsPath").GetString()!.Replace('\\', Path.DirectorySeparatorChar);
        var compiler = Path.Combine(targets, "bincore", "csc.dll");
        if (!File.Exists(compiler) || !build.TryGetProperty("Items", out var items) || !items.TryGetProperty("CscCommandLineArgs", out var found)) return null;
        List<string> arguments = [.. found.EnumerateArray().Select(a => a.GetProperty("Identity").GetString()!)];
        return FindPaths(folder, arguments, Out).Any() ? new(folder, compiler, arguments, built) : null;
    }

    /// <summary>Whether nothing but contents of known sources has changed.</summary>
    public bool Covers(IReadOnlyList<string> changed)
    {
        // Some editors try whether they can write a folder, with a file that is gone again.
        var seen = changed.Where(f => Path.Exists(f) || Path.HasExtension(f)).ToList();
        return seen.Count > 0 && seen.TrueForAll(f => _sources.Contains(f) && File.Exists(f));
    }

    /// <summary>Compiles, and puts what comes of it where a build puts it.</summary>
    /// <returns>Null when the compiler does not say what is wrong.</returns>
    public async Task<DevBuildResult?> RunAsync(CancellationToken cancellationToken)
    {
        var begin = Stopwatch.GetTimestamp();
        var (code, output, errors) = await DevBuild.RunDotnetAsync(_folder, ["exec", _compiler, "/shared", NoConfig, $"@{_response}"], cancellationToken);
        var log = $"{output}\n{errors}";
        if (code != 0) return DevBuild.FindLines(log, ": error ") is { Count: > 0 } found ? new(null, "", found, Stopwatch.GetElapsedTime(begin)) : null;
        foreach (var file in _outputs.Where(File.Exists)) File.Copy(file, Path.Combine(_built.Output!, Path.GetFileName(file)), overwrite: true);
        return _built with { Messages = DevBuild.FindLines(log, ": warning "), Duration = Stopwatch.GetElapsedTime(begin), Step = "compiler" };
    }

    private static IEnumerable<string> FindPaths(string folder, IEnumerable<string> arguments, string option) =>
        arguments.Where(a => a.StartsWith(option, StringComparison.Ordinal)).Select(a => Path.GetFullPath(WithoutQuotes(a[option.Length..]), folder));

    private static string WithoutQuotes(string argument) => argument.Replace("\"", "", StringComparison.Ordinal);
}
