using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Configuration.Sources;

namespace PluginHost.Tests.Configuration;

/// <summary>Loads configurations from a separate folder.</summary>
internal sealed class ConfigurationFixture : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public Dictionary<string, string> Environment { get; } = [];

    public HostPaths Paths => new(_folder.Path, Path.Combine(_folder.Path, "bin"));

    public string Folder => _folder.Path;

    public string Write(string name, string text) => _folder.Write(name, text);

    public LoadResult Load(string json, params string[] arguments) =>
        ConfigurationLoader.Load(Write("config/appsettings.json", json), Environment, arguments, Paths);

    /// <summary>The configuration, which must be good.</summary>
    public HostConfiguration Read(string json, params string[] arguments)
    {
        var result = Load(json, arguments);
        Assert.Empty(result.Errors);
        return result.Configuration!;
    }

    /// <summary>The errors as they are shown, in order.</summary>
    public IReadOnlyList<string> Errors(string json, params string[] arguments) =>
        [.. Load(json, arguments).Errors.Select(e => e.ToString())];

    public void Dispose() => _folder.Dispose();
}
