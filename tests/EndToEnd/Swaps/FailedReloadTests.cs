using System.Net;

namespace PluginHost.EndToEnd.Swaps;

/// <summary>A generation that fails in any step is taken back whole, and the next reload works.</summary>
[Trait("Form", "Long")]
public sealed class FailedReloadTests
{
    [Theory]
    [InlineData("ConstructorBlocks")]
    [InlineData("ConstructorThrows")]
    [InlineData("StartBlocks")]
    [InlineData("StartThrows")]
    [InlineData("Unhealthy")]
    public async Task A_plugin_that_fails_to_begin_leaves_the_old_generation_and_does_not_block_the_next_reload(string fault)
    {
        await using var host = await VersionedHost.StartAsync(SwapStore.Sqlite);
        host.Work.Configure(VersionedHost.Configuration(SwapStore.Sqlite, $$""", "Options": { "Fault": "{{fault}}" }, "Host": { "Timeout": "2s" } """));

        var problem = await host.ReloadAsync(HttpStatusCode.UnprocessableEntity);

        Assert.Contains("versioned", problem["errors"]!.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal(1, host.Instances);
        Assert.Contains(VersionedHost.Answer(1, 1), await host.AskAsync(), StringComparison.Ordinal);

        FolderChange.Rename(BuildOutputs.VersionedFolders[1], host.Folder);
        host.Work.Configure(VersionedHost.Configuration(SwapStore.Sqlite));
        await host.ReloadAsync();
        Assert.Contains(VersionedHost.Answer(2, 2), await host.AskAsync(), StringComparison.Ordinal);
        await host.Host.StopAsync();
        Assert.Equal(0, host.Instances);
    }

    /// <summary>A context provider that fails is skipped in runs: only a probe sees it before callers do.</summary>
    [Fact]
    public async Task A_probe_refuses_a_generation_whose_run_fails_and_leaves_no_session_behind()
    {
        const string Probe = """, "PluginLoading": { "Probe": "echo" } """;
        await using var host = await VersionedHost.StartAsync(SwapStore.Sqlite, Probe);
        host.Work.Configure(VersionedHost.Configuration(SwapStore.Sqlite, """, "Options": { "Fault": "RunThrows" } """, Probe));

        var problem = await host.ReloadAsync(HttpStatusCode.UnprocessableEntity);

        Assert.Contains("versioned failed and was skipped", problem["errors"]!.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal(1, host.Instances);
        FolderChange.Rename(BuildOutputs.VersionedFolders[1], host.Folder);
        host.Work.Configure(VersionedHost.Configuration(SwapStore.Sqlite, more: Probe));
        await host.ReloadAsync();
        Assert.Contains(VersionedHost.Answer(2, 2), await host.AskAsync(), StringComparison.Ordinal);
        await host.Host.StopAsync();
        Assert.DoesNotContain("pluginhost-probe", await ReadAsync(host.Work["data/sessions.db"]), StringComparison.Ordinal);
    }

    private static async Task<string> ReadAsync(string file) => System.Text.Encoding.Latin1.GetString(await File.ReadAllBytesAsync(file));

    [Fact]
    public async Task A_chat_client_whose_GetService_throws_leaves_no_plugin_behind()
    {
        await using var host = await VersionedHost.StartAsync(SwapStore.Sqlite);
        var configuration = VersionedHost.Configuration(SwapStore.Sqlite)
            .Replace("\"Client\": \"echo\"", "\"Client\": \"versioned-client\"", StringComparison.Ordinal);
        host.Work.Configure(configuration);

        var problem = await host.ReloadAsync(HttpStatusCode.UnprocessableEntity);

        Assert.Contains("GetService throws.", problem["errors"]!.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal(1, host.Instances);
        Assert.Contains(VersionedHost.Answer(1, 1), await host.AskAsync(), StringComparison.Ordinal);
    }
}
