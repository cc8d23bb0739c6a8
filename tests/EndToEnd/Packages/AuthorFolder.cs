namespace PluginHost.EndToEnd.Packages;

/// <summary>A folder outside the repository where an author builds with the packages alone. Disposing deletes it.</summary>
internal sealed class AuthorFolder : IDisposable
{
    public AuthorFolder(PackageFeed feed)
    {
        Work.Write("nuget.config", $"""
            <configuration>
              <packageSources><clear /><add key="pluginhost" value="{feed.Folder}" /></packageSources>
            </configuration>
            """);
        Work.Write("Directory.Build.props", $"""
            <Project>
              <PropertyGroup>
                <RestorePackagesPath>{Work["restored"]}</RestorePackagesPath>
                <RestoreFallbackFolders>{feed.ThirdParties}</RestoreFallbackFolders>
                <NuGetAudit>false</NuGetAudit>
              </PropertyGroup>
            </Project>
            """);
    }

    public WorkFolder Work { get; } = new();

    /// <summary>Runs <c>dotnet</c> and expects success.</summary>
    public async Task DotnetAsync(params string[] arguments)
    {
        var (code, transcript) = await TryDotnetAsync(arguments);
        Assert.True(code == 0, $"dotnet {string.Join(' ', arguments)} exited with code {code}.\n{transcript}");
    }

    /// <summary>Runs <c>dotnet</c>, without build servers that would outlive the test.</summary>
    public async Task<(int Code, string Transcript)> TryDotnetAsync(params string[] arguments)
    {
        string[] alone = arguments[0] is "build" or "publish" or "test" ? ["--disable-build-servers", "-nodeReuse:false"] : [];
        await using var process = ChildProcess.Start([], Work.Path, [.. arguments, .. alone]);
        return (await process.ExitAsync(PackageFeed.BuildTimeLimit), process.Transcript);
    }

    /// <summary>Writes and builds the plugins of pages, all at once, and puts them into <c>plugins</c>.</summary>
    public Task BuildPluginsAsync(IEnumerable<AuthorPage> pages)
    {
        var all = pages.ToList();
        foreach (var page in all) page.WriteTo(Work);
        return BuildPluginsAsync([.. all.Select(p => p.Name)]);
    }

    /// <summary>Builds the projects of plugins, all at once, and puts them into <c>plugins</c>.</summary>
    public async Task BuildPluginsAsync(IReadOnlyList<string> names)
    {
        Work.Write("All.slnx", $"<Solution>{string.Concat(names.Select(n => $"<Project Path=\"{n}/{n}.csproj\" />"))}</Solution>");
        await DotnetAsync("build", "All.slnx", "--nologo");
        foreach (var name in names) Work.InstallPlugin(Work[$"{name}/bin/Debug/net10.0"], name);
    }

    public void Dispose() => Work.Dispose();
}
