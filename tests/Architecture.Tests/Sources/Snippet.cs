namespace PluginHost.Architecture.Sources;

/// <summary>Small projects that break a rule, to show that the rule finds it.</summary>
internal static class Snippet
{
    /// <summary>A project by the engine's rules, made of files given by path and text; it sees the SDK.</summary>
    public static SourceProject Engine(params IEnumerable<(string Path, string Text)> files) => SourceProject.FromSnippets("Engine", files, Solution.Sdk, Solution.Stores);

    /// <summary>One file of such a project.</summary>
    public static SourceProject Engine(string path, string text) => Engine([(path, text)]);
}
