using Microsoft.Data.Sqlite;

namespace PluginHost.Memory.Tests;

/// <summary>A file that cannot be used is named, and no run fails for it.</summary>
public sealed class FailureTests : IDisposable
{
    private static readonly MemoryOptions OfUsers = new(Scope: Scope.User);

    private readonly string _folder = Directory.CreateTempSubdirectory("memory-").FullName;

    private string File => Path.Combine(_folder, "data", "plugins", "memory", "memory.db");

    [Fact]
    public async Task What_cannot_be_written_is_named_to_the_model_and_to_the_operator_until_it_can()
    {
        await using var host = new Host(OfUsers, _folder);
        await host.RememberAsync("Likes tea.", "ada");
        Execute("CREATE TRIGGER full BEFORE INSERT ON facts BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END");

        var result = Assert.IsType<FunctionResultContent>(await Host.InvokeAsync(await host.ProvideAsync("ada"), "remember", "Likes cake."));
        var facts = await host.FactsAsync("ada");
        var log = Assert.Single(host.Context.Logs);
        Execute("DROP TRIGGER full");

        Assert.Equal("The memory cannot be used now. Nothing was changed.", result.Result);
        Assert.IsType<StorageException>(result.Exception);
        Assert.Equal(["1: Likes tea."], facts);
        Assert.Contains("database or disk is full", log.Message, StringComparison.Ordinal);
        Assert.Contains("Check the rights and the disk", log.Message, StringComparison.Ordinal);
        Assert.Equal("Remembered as fact 2.", await host.RememberAsync("Likes cake.", "ada"));
        Assert.Equal(PluginHealth.Healthy, await host.Plugin.CheckHealthAsync(default));
    }

    [Fact]
    public async Task Health_tries_again()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(File)!);
        Directory.CreateDirectory(File);
        await using var host = new Host(OfUsers, _folder);
        await Assert.ThrowsAsync<StorageException>(async () => await host.ProvideAsync("ada"));

        var broken = await host.Plugin.CheckHealthAsync(default);
        Directory.Delete(File);
        var healthy = await host.Plugin.CheckHealthAsync(default);

        Assert.True(broken.IsReady);
        Assert.Contains("cannot be used", broken.Text, StringComparison.Ordinal);
        Assert.Equal(PluginHealth.Healthy, healthy);
        Assert.Equal("Remembered as fact 1.", await host.RememberAsync("Likes tea.", "ada"));
    }

    [Theory]
    [InlineData("no database", "a damaged file may be deleted")]
    [InlineData("newer", "newer version of the plugin")]
    public async Task A_run_continues_without_a_file_that_cannot_be_read_and_names_the_plugin(string kind, string cure)
    {
        if (kind == "newer")
        {
            await using (var first = new Host(OfUsers, _folder)) await first.RememberAsync("Likes tea.", "ada");
            Execute("PRAGMA user_version = 2");
        }
        else
        {
            Directory.CreateDirectory(Path.GetDirectoryName(File)!);
            System.IO.File.WriteAllText(File, new string('x', 5000));
        }

        await using var host = new Host(OfUsers with { Scope = Scope.Tenant }, _folder);
        await using var chain = TestChain.Create(host.Plugin);
        chain.Contexts = [host.Context];
        var run = await chain.RunAsync("hi");

        Assert.Equal(RunOutcome.Completed, run.Outcome);
        Assert.Equal(["memory"], run.Skipped);
        Assert.Contains(cure, (await host.Plugin.CheckHealthAsync(default)).Text, StringComparison.Ordinal);
        var error = await Assert.ThrowsAsync<StorageException>(async () => await host.Plugin.DeleteUserDataAsync(new UserKey("t", "ada"), default));
        Assert.Contains(cure, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_session_is_remembered_also_when_the_file_is_damaged()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(File)!);
        System.IO.File.WriteAllText(File, new string('x', 5000));
        await using var host = new Host(OfUsers, _folder);

        Assert.Equal("Remembered as fact 1.", await host.RememberAsync("Likes tea."));
        Assert.Equal(["1: Likes tea."], await host.FactsAsync());
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private void Execute(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={File};Pooling=false");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
