namespace PluginHost.EndToEnd;

public sealed class ConversationTests
{
    [Theory]
    [InlineData("sqlite")]
    [InlineData("files")]
    public async Task A_conversation_goes_on_after_a_restart(string store)
    {
        using var folder = Configurations.FolderFor(store);
        await using (var host = await RunningHost.StartAsync(folder))
        {
            Assert.Equal("Echo: hello (0 earlier messages)", await host.Api.AskAsync("ada", "hello"));
            Assert.Equal(
                "Echo: remember returned Remembered as fact 1. (2 earlier messages)",
                await host.Api.AskAsync("ada", """call remember {"fact":"Her name is Ada."}"""));
            await host.StopAsync();
        }

        await using var restarted = await RunningHost.StartAsync(folder);
        Assert.Equal("Echo: and now? (6 earlier messages)", await restarted.Api.AskAsync("ada", "and now?"));
        Assert.Contains("1: Her name is Ada.", await restarted.Api.AskAsync("ada", "show instructions"), StringComparison.Ordinal);
        Assert.Equal("Echo: hello (0 earlier messages)", await restarted.Api.AskAsync("bob", "hello"));

        var messages = await restarted.Api.MessagesAsync("ada");
        string[] withTool = ["user", "assistant", "tool", "assistant"];
        Assert.Equal(["user", "assistant", .. withTool, "user", "assistant", "user", "assistant"], messages.Select(m => m.Role));
        Assert.Equal(4, (await restarted.Api.RunsAsync("ada")).Count);
    }

    [Fact]
    public async Task Sessions_live_in_the_folder_that_the_host_was_started_in()
    {
        using var folder = WorkFolder.Shipped();
        await using var host = await RunningHost.StartAsync(folder);
        await host.Api.AskAsync("ada", "hello");

        Assert.True(File.Exists(folder["data/sessions.db"]));
    }
}
