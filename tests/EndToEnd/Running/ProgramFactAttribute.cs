using System.Diagnostics;

namespace PluginHost.EndToEnd.Running;

/// <summary>A test that needs a program. Where it is missing, the test counts as skipped, with the reason.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ProgramFactAttribute : FactAttribute
{
    /// <param name="program">The program, found on the path.</param>
    public ProgramFactAttribute(string program)
    {
        if (Programs.Find(program) is null) Skip = $"{program} is not installed.";
    }
}

/// <summary>A test that needs a Node that runs TypeScript. Where it is missing, the test counts as skipped, with the reason.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NodeFactAttribute : FactAttribute
{
    public NodeFactAttribute()
    {
        if (Programs.Node is null) Skip = $"Node {Programs.FirstNode} or later is not installed. {Programs.NodeVariable} names another one.";
    }
}

/// <summary>Programs on this machine.</summary>
internal static class Programs
{
    public const string NodeVariable = "PLUGINHOST_TEST_NODE";

    /// <summary>The first version that runs TypeScript as it is.</summary>
    public static readonly Version FirstNode = new(22, 18);

    private static readonly Lazy<string?> FoundNode = new(() =>
        (Environment.GetEnvironmentVariable(NodeVariable) ?? Find("node")) is { } node && VersionOf(node) >= FirstNode ? node : null);

    /// <summary>A Node that runs TypeScript; null when there is none.</summary>
    public static string? Node => FoundNode.Value;

    /// <summary>The path of a program; null when it is not installed.</summary>
    public static string? Find(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);

    private static Version? VersionOf(string node)
    {
        using var process = Process.Start(new ProcessStartInfo(node, "--version") { RedirectStandardOutput = true })!;
        return Version.TryParse(process.StandardOutput.ReadToEnd().Trim().TrimStart('v'), out var version) ? version : null;
    }
}
