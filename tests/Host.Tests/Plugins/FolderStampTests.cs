using System.Runtime.Versioning;
using PluginHost.Engine.Plugins.Loading;

namespace PluginHost.Tests.Plugins;

/// <summary>What the host looks at to see that a plugin folder has changed.</summary>
public sealed class FolderStampTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Plugins => Path.Combine(_folder.Path, "plugins");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Hidden_folders_and_those_of_file_systems_are_no_plugins()
    {
        _folder.Write("plugins/Clock/Clock.dll", "code");
        _folder.Write("plugins/.git/config", "");
        Directory.CreateDirectory(Path.Combine(Plugins, "lost+found"));

        Assert.Equal([Path.Combine(Plugins, "Clock")], Read().Keys);
    }

    [UnixFact]
    [UnsupportedOSPlatform("windows")]
    public void A_change_behind_a_link_is_seen()
    {
        _folder.Write("v1/Clock.dll", "code");
        _folder.Write("v2/Clock.dll", "later code");
        var current = Path.Combine(_folder.Path, "current");
        File.CreateSymbolicLink(current, "v1");
        Directory.CreateDirectory(Path.Combine(Plugins, "Clock"));
        File.CreateSymbolicLink(Path.Combine(Plugins, "Clock", "Clock.dll"), Path.Combine(current, "Clock.dll"));
        var before = Read().Values;

        File.Delete(current);
        File.CreateSymbolicLink(current, "v2");

        Assert.NotEqual(before, Read().Values);
    }

    [Fact]
    public void A_file_that_is_replaced_by_one_of_the_same_length_and_time_is_seen()
    {
        var file = _folder.Write("plugins/Clock/Clock.dll", "code");
        var time = new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        File.SetLastWriteTimeUtc(file, time);
        var before = Read().Values;

        var other = _folder.Write("Clock.dll", "edoc");
        File.SetLastWriteTimeUtc(other, time);
        File.Move(other, file, overwrite: true);

        // A file system that knows no times of creation cannot show it.
        if (File.GetCreationTimeUtc(file) != time) Assert.NotEqual(before, Read().Values);
    }

    private IReadOnlyDictionary<string, string> Read() => FolderStamp.Read([Plugins]);
}
