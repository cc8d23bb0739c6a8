using System.Text.RegularExpressions;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Configuration.Sources;

namespace PluginHost.Tests.Deploy;

/// <summary>What the Dockerfile sets, and what a mounted configuration makes of it.</summary>
public sealed partial class ImageTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_shipped_configuration_listens_on_all_addresses_and_finds_the_mounted_plugins()
    {
        var configuration = Load(File.ReadAllText(Path.Combine(RepositoryFiles.Root, "config", "appsettings.json")));

        Assert.Equal(["http://0.0.0.0:5080"], configuration.Server.Listen);
        Assert.Contains(Mounted, configuration.PluginFolders);
    }

    [Fact]
    public void A_mounted_configuration_overrides_what_the_image_sets()
    {
        Directory.CreateDirectory(Path.Combine(_folder.Path, "mine"));
        var configuration = Load("""
            { "Agents": { "other": {} }, "Server": { "Listen": [ "http://127.0.0.1:8080" ] }, "PluginFolders": [ "mine" ] }
            """);

        Assert.Equal(["http://127.0.0.1:8080"], configuration.Server.Listen);
        Assert.Contains(Path.Combine(_folder.Path, "mine"), configuration.PluginFolders);
        Assert.DoesNotContain(Mounted, configuration.PluginFolders);
    }

    /// <summary>The folder that takes the part of <c>/plugins</c>.</summary>
    private string Mounted => Path.Combine(_folder.Path, "mounted");

    private HostConfiguration Load(string text)
    {
        Directory.CreateDirectory(Mounted);
        var dockerfile = File.ReadAllText(Path.Combine(RepositoryFiles.Root, "Dockerfile"));
        var environment = Variable().Matches(dockerfile).ToDictionary(m => m.Groups[1].Value, m => m.Groups[2].Value.Replace("/plugins", Mounted, StringComparison.Ordinal));
        Assert.NotEmpty(environment);
        environment["PLUGINHOST_API_KEY"] = "a-long-random-key";
        var loaded = ConfigurationLoader.Load(_folder.Write("appsettings.json", text), environment, [], new HostPaths(_folder.Path, _folder.Path));
        Assert.Empty(loaded.Errors);
        return loaded.Configuration!;
    }

    [GeneratedRegex(@"^(?:ENV|   ) (\w+)=(\S*)", RegexOptions.Multiline)]
    private static partial Regex Variable();
}
