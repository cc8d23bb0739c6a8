namespace PluginHost.EndToEnd;

[Trait("Form", "Long")]
public sealed class OwnershipTests
{
    [Theory]
    [InlineData("sqlite")]
    [InlineData("files")]
    public async Task A_second_host_on_one_store_fails_to_start_and_reports_the_owner_until_the_owner_exits(string store)
    {
        using var folder = Configurations.CreateFolder(store);
        await using var owner = await RunningHost.StartAsync(folder);
        await owner.Api.RunAsync("ada", "hello");

        // Twice, because the first failed start must not overwrite the owner's name.
        for (var i = 0; i < 2; i++)
        {
            var second = await RunningHost.RunAsync(folder, []);
            StartupFailure.Check(second, $"process {owner.Id} on {Environment.MachineName}, since 20", folder["data"], "Stop that host, or set another Path");
        }

        Assert.Equal("Echo: still there? (2 earlier messages)", await owner.Api.AskAsync("ada", "still there?"));

        await owner.KillAsync();
        await using var successor = await RunningHost.StartAsync(folder);
        Assert.Equal("Echo: and you? (4 earlier messages)", await successor.Api.AskAsync("ada", "and you?"));
        var third = await RunningHost.RunAsync(folder, []);
        StartupFailure.Check(third, $"process {successor.Id} on ");
    }

    [Fact]
    public async Task The_check_command_works_while_a_host_owns_the_store()
    {
        using var folder = WorkFolder.CreateShipped();
        await using var owner = await RunningHost.StartAsync(folder);

        var check = await RunningHost.RunAsync(folder, ["check"]);

        Assert.True(check.Code == 0, check.Output + check.Errors);
    }
}
