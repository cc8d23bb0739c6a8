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

        var second = await RunningHost.RunAsync(folder, []);
        StartupRefusal.Check(second, $"process {owner.Id}");
        Assert.Equal("Echo: still there? (2 earlier messages)", await owner.Api.AskAsync("ada", "still there?"));

        await owner.KillAsync();
        await using var heir = await RunningHost.StartAsync(folder);
        Assert.Equal("Echo: and you? (4 earlier messages)", await heir.Api.AskAsync("ada", "and you?"));
    }
}
