namespace PluginHost.Tests;

/// <summary>The repository's files, for tests of what is written in them.</summary>
internal static class RepositoryFiles
{
    public static string Root { get; } = FindRoot();

    /// <summary>Where a fixture project that is no plugin was built to.</summary>
    public static string FixtureOutput(string project)
    {
        var output = new DirectoryInfo(AppContext.BaseDirectory);
        return Path.Combine(Root, "tests", "Fixtures", project, "bin", output.Parent!.Name, output.Name);
    }

    /// <summary>The folder that the host was built to, with the plugins that ship.</summary>
    public static string HostOutput
    {
        get
        {
            var output = new DirectoryInfo(AppContext.BaseDirectory);
            return Path.Combine(Root, "src", "Host", "bin", output.Parent!.Name, output.Name);
        }
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "PluginHost.sln"))) return folder.FullName;
        }

        throw new InvalidOperationException("The tests do not run below the repository.");
    }
}
