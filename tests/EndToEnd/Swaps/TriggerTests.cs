using System.Runtime.Versioning;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace PluginHost.EndToEnd.Swaps;

/// <summary>A changed plugin is taken over without a call of the API.</summary>
[Trait("Form", "Long")]
public sealed partial class TriggerTests
{
    [UnixFact]
    [UnsupportedOSPlatform("windows")]
    public async Task SIGHUP_reloads_and_does_not_end_the_host()
    {
        await using var host = await VersionedHost.StartAsync(SwapStore.Sqlite);
        await using var load = new SwapLoad(host.Host.Api, "show instructions", VersionedHost.Answer(1, 1));
        await load.AnsweredAsync();
        FolderChange.Rename(BuildOutputs.VersionedFolders[1], host.Folder);
        load.Allow(VersionedHost.Answer(2, 2));

        host.Host.HangUp();
        await host.Host.WaitForLogAsync(Generation(2));
        load.Expect(VersionedHost.Answer(2, 2));

        await load.AnsweredAsync();
        await load.FinishAsync(host.Host);
        // A configuration that is wrong is logged, and changes nothing.
        host.Work.Configure("{ \"Agents\": { } ");
        host.Host.HangUp();
        await host.Host.WaitForLogAsync(Refused());
        Assert.Contains(VersionedHost.Answer(2, 2), await host.AskAsync(), StringComparison.Ordinal);
        await host.Host.StopAsync();
    }

    [Fact]
    public async Task A_watched_folder_is_taken_over_by_itself_when_it_is_whole()
    {
        await using var host = await VersionedHost.StartAsync(SwapStore.Sqlite, """, "PluginLoading": { "Watch": true } """);
        await using var load = new SwapLoad(host.Host.Api, "show instructions", VersionedHost.Answer(1, 1));
        var library = Path.Combine(host.Folder, "VersionedLibrary.dll");
        File.Delete(library);
        await host.Host.WaitForLogAsync(Incomplete());
        Assert.Contains(VersionedHost.Answer(1, 1), await host.AskAsync(), StringComparison.Ordinal);

        load.Allow(VersionedHost.Answer(2, 2));
        FolderChange.InPlace(BuildOutputs.VersionedFolders[1], host.Folder);
        await host.Host.WaitForLogAsync(Generation(2));
        load.Expect(VersionedHost.Answer(2, 2));

        await load.AnsweredAsync();
        await load.FinishAsync(host.Host);
        await host.Host.StopAsync();
    }

    /// <summary>As a script does that copies and reloads, on a host that also watches.</summary>
    [Fact]
    public async Task A_reload_by_request_of_a_watched_folder_leaves_rollback_to_the_build_before()
    {
        await using var host = await VersionedHost.StartAsync(SwapStore.Sqlite, """, "PluginLoading": { "Watch": true } """);
        FolderChange.Rename(BuildOutputs.VersionedFolders[1], host.Folder);
        await host.ReloadAsync();
        await host.Host.WaitForLogAsync(InUse());

        Assert.Contains(VersionedHost.Answer(2, 2), await host.AskAsync(), StringComparison.Ordinal);
        await host.ReloadAsync(body: new JsonObject { ["rollback"] = true });
        Assert.Contains(VersionedHost.Answer(1, 1), await host.AskAsync(), StringComparison.Ordinal);
        await host.Host.StopAsync();
    }

    [GeneratedRegex("The changed plugin files are in use already")]
    private static partial Regex InUse();

    private static Regex Generation(int number) => new($"Generation {number} serves");

    [GeneratedRegex("The new configuration was refused")]
    private static partial Regex Refused();

    [GeneratedRegex(@"is not complete yet: .*VersionedLibrary\.dll. is missing")]
    private static partial Regex Incomplete();
}
