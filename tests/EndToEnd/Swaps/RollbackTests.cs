using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;

namespace PluginHost.EndToEnd.Swaps;

/// <summary>Generations are listed, and the last one can be brought back.</summary>
[Trait("Form", "Long")]
public sealed class RollbackTests
{
    private static readonly JsonObject Rollback = new() { ["rollback"] = true };

    [Fact]
    public async Task The_last_generation_is_back_in_less_than_a_second_under_load_and_once()
    {
        await using var host = await VersionedHost.StartAsync(SwapStore.Sqlite);
        await using var load = new SwapLoad(host.Host.Api, "show instructions", VersionedHost.Answer(1, 1));
        FolderChange.Rename(BuildOutputs.VersionedFolders[1], host.Folder);
        load.Allow(VersionedHost.Answer(2, 2));
        await host.ReloadAsync();
        load.Expect(VersionedHost.Answer(2, 2));
        await load.AnsweredAsync();

        // The files stay those of the second version: the copies of the first are used.
        load.Allow(VersionedHost.Answer(1, 1));
        var began = Stopwatch.GetTimestamp();
        await host.ReloadAsync(body: Rollback);
        var took = Stopwatch.GetElapsedTime(began);
        load.Expect(VersionedHost.Answer(1, 1));
        await load.AnsweredAsync();
        await load.FinishAsync(host.Host);

        Assert.True(took < TimeSpan.FromSeconds(1), $"The rollback took {took}.");
        var problem = await host.ReloadAsync(HttpStatusCode.Conflict, Rollback.DeepClone());
        Assert.Equal("/problems/nothing-to-roll-back", (string?)problem["type"]);
    }

    [Fact]
    public async Task Generations_and_plugins_show_what_serves_by_version_and_hash()
    {
        await using var host = await VersionedHost.StartAsync(SwapStore.Sqlite);
        var first = await HashAsync(host);
        FolderChange.InPlace(BuildOutputs.VersionedFolders[1], host.Folder);
        // The files alone change nothing.
        Assert.Equal(first, await HashAsync(host));

        var answer = await host.ReloadAsync();

        var change = answer["plugins"]!.AsArray().Single(p => (string?)p!["name"] == "versioned")!;
        Assert.Equal(("1.0.0", first), ((string?)change["from"]!["version"], (string?)change["from"]!["sha256"]));
        Assert.Equal(("2.0.0", await HashAsync(host)), ((string?)change["to"]!["version"], (string?)change["to"]!["sha256"]));
        var generations = (await host.Host.Api.GetAsync("/v1/generations"))["data"]!.AsArray();
        Assert.Equal([2, 1], generations.Select(g => (int)g!["number"]!));
        Assert.Equal(["reload", "start"], generations.Select(g => (string?)g!["cause"]));
        Assert.Equal("serving", (string?)generations[0]!["state"]);
    }

    private static async Task<string?> HashAsync(VersionedHost host) =>
        (string?)(await host.Host.Api.GetAsync("/v1/plugins"))["data"]!.AsArray().Single(p => (string?)p!["name"] == "versioned")!["sha256"];
}
