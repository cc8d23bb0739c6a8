using System.Runtime.Versioning;

namespace PluginHost.EndToEnd;

/// <summary>What the host creates is private, whatever the mask of the user who starts it.</summary>
public sealed class FileRightsTests
{
    private const UnixFileMode GroupAndOthers = (UnixFileMode)0b000_111_111;

    // The usual mask of a login: everyone may read.
    private static readonly string[] WithUsualMask = ["sh", "-c", "umask 022; exec \"$0\" \"$@\""];

    [UnixTheory]
    [InlineData("sqlite")]
    [InlineData("files")]
    [UnsupportedOSPlatform("windows")]
    public async Task Folders_files_and_sockets_of_a_host_are_its_owners_alone(string store)
    {
        using var folder = Configurations.CreateFolder(store);
        var before = Directory.EnumerateFileSystemEntries(folder.Path, "*", SearchOption.AllDirectories).ToHashSet();
        await using var host = await RunningHost.StartAsync(folder, WithUsualMask, ("Server__Listen__0", $"unix:{folder["host.sock"]}"));
        await host.Api.AskAsync("ada", "hello");

        var created = Directory.EnumerateFileSystemEntries(folder.Path, "*", SearchOption.AllDirectories).Where(f => !before.Contains(f)).ToList();

        Assert.Contains(folder["host.sock"], created);
        Assert.Contains(folder["data"], created);
        foreach (var path in created) Assert.Equal((path, UnixFileMode.None), (path, File.GetUnixFileMode(path) & GroupAndOthers));
        await host.StopAsync();
    }
}
