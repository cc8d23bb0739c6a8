namespace PluginHost.EndToEnd;

public sealed class OwnershipTests
{
    [Theory]
    [InlineData("sqlite")]
    [InlineData("files")]
    public async Task A_second_host_on_one_store_is_refused_naming_the_owner_until_the_owner_is_gone(string store)
    {
        using var folder = Configurations.FolderFor(store);
        await using var owner = await RunningHost.StartAsync(folder);
        await owner.Api.RunAsync("ada", "hello");

        // Twice: the refused one has not taken the owner's name away.
        for (var i = 0; i < 2; i++)
        {
            var second = await RunningHost.RunAsync(folder, []);
            StartupRefusal.Check(second, $"process {owner.Id} on {Environment.MachineName}, since 20", folder["data"], "one", "Stop that one", "another Path");
        }

        Assert.Equal("Echo: still there? (2 earlier messages)", await owner.Api.AskAsync("ada", "still there?"));

        await owner.KillAsync();
        await using var heir = await RunningHost.StartAsync(folder);
        Assert.Equal("Echo: and you? (4 earlier messages)", await heir.Api.AskAsync("ada", "and you?"));
        var third = await RunningHost.RunAsync(folder, []);
        StartupRefusal.Check(third, $"process {heir.Id} on ");
    }

    [Fact]
    public async Task A_command_that_only_looks_needs_no_ownership()
    {
        using var folder = WorkFolder.Shipped();
        await using var owner = await RunningHost.StartAsync(folder);

        var check = await RunningHost.RunAsync(folder, ["check"]);

        Assert.True(check.Code == 0, check.Output + check.Errors);
    }
}
