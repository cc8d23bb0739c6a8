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

        FolderChange.Apply(way, BuildOutputs.VersionedFolders[1], host.Folder);
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

    [Fact]
    public async Task A_broken_folder_that_nothing_uses_is_set_aside_with_a_warning()
    {
        await using var host = await VersionedHost.StartAsync(SwapStore.Sqlite);
        var broken = host.Work.Write("plugins/Broken/Broken.dll", "garbage");

        var answer = await host.ReloadAsync();

        Assert.Contains(broken, (string?)Assert.Single(answer["warnings"]!.AsArray()), StringComparison.Ordinal);
        Assert.Contains(VersionedHost.Answer(1, 1), await host.AskAsync(), StringComparison.Ordinal);
        // Once an entry names a plugin that is not there, the broken folder may be why.
        host.Work.Configure(VersionedHost.Configuration(SwapStore.Sqlite).Replace("\"versioned\"", "\"broken\"", StringComparison.Ordinal));
        var problem = await host.ReloadAsync(HttpStatusCode.UnprocessableEntity);
        Assert.Equal(2, problem["errors"]!.AsArray().Count);
    }

    /// <summary>Fifty changes of the DLL, each taken over under load.</summary>
    [Fact]
    [Trait("Form", "Long")]
    public async Task A_storm_of_swaps_fails_no_run_and_the_memory_of_each_is_shown()
    {
        const int Swaps = 50;
        await using var host = await VersionedHost.StartAsync(SwapStore.Sqlite, """, "PluginLoading": { "RestartAboveBytes": 1 } """);
        await using var load = new SwapLoad(host.Host.Api, "show instructions", VersionedHost.Answer(1, 1));
        for (var i = 1; i <= Swaps; i++)
        {
            var version = (i % 2) + 1;
            FolderChange.Apply(i % 3 == 0 ? "folder" : i % 3 == 1 ? "rename" : "in place", BuildOutputs.VersionedFolders[version - 1], host.Folder);
            // Another hash each time, so that each swap loads anew.
            host.Work.Write("plugins/Versioned/build.txt", $"{i}");
            load.Allow(VersionedHost.Answer(version, version));
            await host.ReloadAsync();
            load.Expect(VersionedHost.Answer(version, version));
        }

        await load.AnsweredAsync();
        await load.FinishAsync(host.Host);
        var generations = (await host.Host.Api.GetAsync("/v1/generations"))["data"]!.AsArray();
        Assert.Equal(Swaps, generations.Count);
        Assert.All(generations, g => Assert.True((long)g!["memory_bytes"]! > 0));
        Assert.Contains("restart the host", (string?)(await host.Host.Api.GetAsync("/health/ready"))["restart"], StringComparison.Ordinal);
        await host.Host.StopAsync();
    }

    private static void Break(string folder, string defect)
    {
        var next = File.ReadAllBytes(Path.Combine(BuildOutputs.VersionedFolders[1], "Versioned.dll"));
        var file = Path.Combine(folder, "Versioned.dll");
        if (defect == "no library") File.Delete(Path.Combine(folder, "VersionedLibrary.dll"));
        else FolderChange.WriteOver(file, defect switch { "garbage" => new byte[next.Length], "nothing" => [], _ => next.AsSpan(0, next.Length / 2) });
    }
}
