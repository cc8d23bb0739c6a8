using System.Net;
using System.Text.Json.Nodes;

namespace PluginHost.EndToEnd.Swaps;

/// <summary>The DLL of a store that owns its file changes while the host serves.</summary>
[Trait("Form", "Long")]
public sealed class HandoverTests
{
    public static TheoryData<string> Ways => ["rename", "in place", "folder"];

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_changed_store_takes_its_database_over_and_gives_it_back_and_no_run_fails(string way)
    {
        await using var host = await VersionedHost.StartCopyAsync(SwapStore.Sqlite);
        await using var load = new SwapLoad(host.Host.Api, "show instructions", VersionedHost.Answer(1, 1));
        await load.AnsweredAsync();

        FolderChange.Apply(way, BuildOutputs.SqliteHistoryNextFolder, host.Shipped("SqliteHistory"));
        var answer = await host.ReloadAsync();

        Assert.Equal(["sqlite-history", "sqlite-sessions"], answer["plugins"]!.AsArray().Select(p => (string?)p!["name"]));
        Assert.All(answer["plugins"]!.AsArray(), p => Assert.Equal("99.0.0", (string?)p!["to"]!["version"]));
        await load.AnsweredAsync();
        await host.ReloadAsync(body: new JsonObject { ["rollback"] = true });
        await load.AnsweredAsync();
        await load.FinishAsync(host.Host);
        await CheckStoredAsync(host.Host.Api, load.Runs);
        await host.Host.StopAsync();
    }

    /// <summary>A run that the model keeps for longer than the handover ends on the new build, with its messages stored.</summary>
    [Fact]
    public async Task A_run_that_began_before_the_handover_is_stored_by_the_new_build()
    {
        await using var host = await VersionedHost.StartCopyAsync(SwapStore.Sqlite with { Model = """{ "Client": "echo", "Options": { "DelayMilliseconds": 400 } }""" });
        var run = host.Host.Api.AskAsync("long", "one two three four five six");
        await host.Host.Api.PostAsync("/v1/sessions/other/runs", new JsonObject { ["input"] = "hello" });

        FolderChange.Rename(BuildOutputs.SqliteHistoryNextFolder, host.Shipped("SqliteHistory"));
        await host.ReloadAsync();
        Assert.False(run.IsCompleted);

        Assert.StartsWith("Echo: one two three four five six", await run, StringComparison.Ordinal);
        Assert.Equal(2, (await host.Host.Api.ListMessagesAsync("long")).Count);
        Assert.Equal("completed", (string?)Assert.Single(await host.Host.Api.ListRunsAsync("long"))["status"]);
        await host.Host.StopAsync();
    }

    [Fact]
    public async Task A_generation_that_fails_after_the_handover_gives_the_database_back()
    {
        await using var host = await VersionedHost.StartCopyAsync(SwapStore.Sqlite);
        await using var load = new SwapLoad(host.Host.Api, "show instructions", VersionedHost.Answer(1, 1));
        await load.AnsweredAsync();

        FolderChange.InPlace(BuildOutputs.SqliteHistoryNextFolder, host.Shipped("SqliteHistory"));
        foreach (var fault in new[] { "StartThrows", "Unhealthy" })
        {
            host.Work.Configure(VersionedHost.Configuration(SwapStore.Sqlite, $$""", "Options": { "Fault": "{{fault}}" } """));
            await host.ReloadAsync(HttpStatusCode.UnprocessableEntity);
            await load.AnsweredAsync();
        }

        host.Work.Configure(VersionedHost.Configuration(SwapStore.Sqlite));
        await host.ReloadAsync();
        await load.AnsweredAsync();
        await load.FinishAsync(host.Host);
        await CheckStoredAsync(host.Host.Api, load.Runs);
        await host.Host.StopAsync();
    }

    /// <summary>Every run of the load is stored once, with its two messages.</summary>
    private static async Task CheckStoredAsync(ApiClient api, int runs)
    {
        var stored = 0;
        for (var i = 0; i < SwapLoad.Callers; i++)
        {
            var messages = await api.ListMessagesAsync($"load-{i}");
            Assert.All(messages.Chunk(2), pair => Assert.Equal(["user", "assistant"], pair.Select(m => m.Role)));
            stored += messages.Count / 2;
        }

        // Runs that were in progress at the end of the load are stored as well.
        Assert.InRange(stored, runs, runs + SwapLoad.Callers);
    }
}
