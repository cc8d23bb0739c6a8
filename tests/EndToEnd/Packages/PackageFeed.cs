namespace PluginHost.EndToEnd.Packages;

/// <summary>The packages of this repository in a folder, made once by the script that makes them for users.</summary>
public sealed class PackageFeed : IAsyncLifetime
{
    // The tests must not use packages of an earlier version from the user's cache.
    private const string OwnPackages = "pluginhost";

    /// <summary>Builds take long on a machine that does other work.</summary>
    internal static readonly TimeSpan BuildTimeLimit = TimeSpan.FromMinutes(4);

    private readonly WorkFolder _folder = new();

    public string Folder => _folder["packages"];

    /// <summary>The packages of third parties that were restored for this repository. Restores read them here and need no network.</summary>
    public string ThirdParties => _folder["third-parties"];

    public async Task InitializeAsync()
    {
        await using var packing = ChildProcess.StartProgram(
            ["bash", BuildOutputs.PackScript, Folder, "--no-build", "-c", BuildOutputs.Configuration, "--disable-build-servers", "-nodeReuse:false"],
            _folder.Path);
        var code = await packing.ExitAsync(BuildTimeLimit);
        Assert.True(code == 0, packing.Transcript);
        Directory.CreateDirectory(ThirdParties);
        foreach (var package in Directory.GetDirectories(BuildOutputs.PackageFolder))
        {
            var name = Path.GetFileName(package);
            if (!name.StartsWith(OwnPackages, StringComparison.Ordinal)) Directory.CreateSymbolicLink(Path.Combine(ThirdParties, name), package);
        }
    }

    public Task DisposeAsync()
    {
        _folder.Dispose();
        return Task.CompletedTask;
    }
}

/// <summary>The tests that build outside the repository with its packages. They share one feed and run one after the other.</summary>
[CollectionDefinition(Name)]
public sealed class PackageCollection : ICollectionFixture<PackageFeed>
{
    public const string Name = "packages";
}
