using System.Net;

namespace PluginHost.EndToEnd.Swaps;

/// <summary>Files of a plugin change in every way while the host serves: the reload takes the new code over, and no run fails.</summary>
public sealed class SwapTests
{
    public static TheoryData<string> Ways => ["rename", "in place", "folder"];

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_changed_plugin_answers_after_the_reload_and_no_run_fails(string way)
    {
        await using var host = await VersionedHost.StartAsync(SwapStore.Sqlite);
        await using var load = new SwapLoad(host.Host.Api, "show instructions", VersionedHost.Answer(1, 1));
        await load.AnsweredAsync();

        Change(way, BuildOutputs.VersionedFolders[1], host.Folder);
        await load.AnsweredAsync();
        load.Allow(VersionedHost.Answer(2, 2));
        await host.ReloadAsync();
        load.Expect(VersionedHost.Answer(2, 2));

        await load.AnsweredAsync();
        await load.FinishAsync(host.Host);
        await host.Host.StopAsync();
    }

    [Fact]
    public async Task A_changed_private_library_is_used_after_the_reload()
    {
        await using var host = await VersionedHost.StartAsync(SwapStore.Sqlite);
        await using var load = new SwapLoad(host.Host.Api, "show instructions", VersionedHost.Answer(1, 1));
        await load.AnsweredAsync();

        var library = File.ReadAllBytes(Path.Combine(BuildOutputs.VersionedFolders[1], "VersionedLibrary.dll"));
        FolderChange.WriteOver(Path.Combine(host.Folder, "VersionedLibrary.dll"), library);
        load.Allow(VersionedHost.Answer(1, 2));
        await host.ReloadAsync();
        load.Expect(VersionedHost.Answer(1, 2));

        await load.AnsweredAsync();
        await load.FinishAsync(host.Host);
    }

    [Theory]
    [InlineData("half of the file")]
    [InlineData("garbage")]
    [InlineData("nothing")]
    [InlineData("no library")]
    public async Task A_broken_folder_is_refused_and_the_old_code_serves_until_it_is_whole(string defect)
    {
        await using var host = await VersionedHost.StartAsync(SwapStore.Sqlite);
        await using var load = new SwapLoad(host.Host.Api, "show instructions", VersionedHost.Answer(1, 1));
        await load.AnsweredAsync();

        Break(host.Folder, defect);
        var problem = await host.ReloadAsync(HttpStatusCode.UnprocessableEntity);
        Assert.Contains(host.Folder, problem["errors"]!.ToJsonString(), StringComparison.Ordinal);
        await load.AnsweredAsync();

        FolderChange.InPlace(BuildOutputs.VersionedFolders[1], host.Folder);
        load.Allow(VersionedHost.Answer(2, 2));
        await host.ReloadAsync();
        load.Expect(VersionedHost.Answer(2, 2));
        await load.AnsweredAsync();
        await load.FinishAsync(host.Host);
    }

    private static void Change(string way, string from, string folder)
    {
        if (way == "rename") FolderChange.Rename(from, folder);
        else if (way == "folder") FolderChange.Folder(from, folder);
        else FolderChange.InPlace(from, folder);
    }

    private static void Break(string folder, string defect)
    {
        var next = File.ReadAllBytes(Path.Combine(BuildOutputs.VersionedFolders[1], "Versioned.dll"));
        var file = Path.Combine(folder, "Versioned.dll");
        if (defect == "no library") File.Delete(Path.Combine(folder, "VersionedLibrary.dll"));
        else FolderChange.WriteOver(file, defect switch { "garbage" => new byte[next.Length], "nothing" => [], _ => next.AsSpan(0, next.Length / 2) });
    }
}
