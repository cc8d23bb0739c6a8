namespace PluginHost.EndToEnd;

public sealed class ConversationTests
{
    [Theory]
    [InlineData("sqlite")]
    [InlineData("files")]
    public async Task A_conversation_continues_after_a_restart(string store)
    {
        using var folder = Configurations.CreateFolder(store);
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

        var messages = await restarted.Api.ListMessagesAsync("ada");
        string[] withTool = ["user", "assistant", "tool", "assistant"];
        Assert.Equal(["user", "assistant", .. withTool, "user", "assistant", "user", "assistant"], messages.Select(m => m.Role));
        Assert.Equal(4, (await restarted.Api.ListRunsAsync("ada")).Count);
    }

    [Fact]
    public async Task Relative_paths_refer_to_the_working_folder_of_the_host()
    {
        using var folder = WorkFolder.CreateShipped();
        await using var host = await RunningHost.StartAsync(folder);
        await host.Api.AskAsync("ada", "hello");

        Assert.True(File.Exists(folder["data/sessions.db"]));
    }
}
