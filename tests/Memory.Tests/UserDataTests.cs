using System.Text;
using Microsoft.Data.Sqlite;

namespace PluginHost.Memory.Tests;

/// <summary>What an operator reads and deletes of a user.</summary>
public sealed class UserDataTests
{
    private static readonly MemoryOptions OfUsers = new(MaxFacts: 1000, Scope: Scope.User);

    [Fact]
    public async Task A_deletion_takes_the_facts_of_a_user_in_all_entries_and_nothing_of_others()
    {
        await using var host = new Host(OfUsers);
        await using var notes = new Host(OfUsers, entry: "notes", sharedWith: host);
        await host.RememberAsync("Likes tea.", "ada");
        await notes.RememberAsync("Likes cake.", "ada");
        await host.RememberAsync("Likes milk.", "bob");
        await host.RememberAsync("Likes water.", "ada", tenant: "other");

        var items = await notes.Plugin.ReadUserDataAsync(new UserKey("t", "ada"), default);
        var removed = await host.Plugin.DeleteUserDataAsync(new UserKey("t", "ada"), default);

        Assert.Equal(["memory Likes tea.", "memory/notes Likes cake."], items.Select(i => $"{i.GetProperty("entry")} {i.GetProperty("fact").GetProperty("text")}"));
        Assert.Equal(2, removed);
        Assert.Empty(await host.FactsAsync("ada"));
        Assert.Empty(await notes.FactsAsync("ada"));
        Assert.Equal(["1: Likes milk."], await host.FactsAsync("bob"));
        Assert.Equal(["1: Likes water."], await host.FactsAsync("ada", tenant: "other"));
        Assert.Equal(0, await host.Plugin.DeleteUserDataAsync(new UserKey("t", "ada"), default));
        Assert.Empty(await host.Plugin.ReadUserDataAsync(new UserKey("t", "ada"), default));
    }

    [Fact]
    public async Task No_file_holds_a_byte_of_a_deleted_user()
    {
        await using var host = new Host(OfUsers);
        var mine = await host.ProvideAsync("ada-lovelace");
        var others = await host.ProvideAsync("bob");
        for (var i = 0; i < 300; i++)
        {
            await Host.CallAsync(mine, "remember", $"Zebracrossing {i} {new string((char)('a' + (i % 26)), i)}", i is > 10 and < 50 ? i - 5 : null);
            await Host.CallAsync(others, "remember", $"Harmless note {i} {new string('z', 300 - i)}");
        }

        Assert.NotEqual(0, Count(host, "Zebracrossing"));
        await host.Plugin.DeleteUserDataAsync(new UserKey("t", "ada-lovelace"), default);

        foreach (var text in new[] { "Zebracrossing", "zebracross", "ada-lovelace" }) Assert.Equal(0, Count(host, text));
        Assert.Equal(300, (await host.Plugin.ReadUserDataAsync(new UserKey("t", "bob"), default)).Count);
    }

    [Fact]
    public async Task A_deletion_while_another_program_reads_says_that_text_may_remain_and_can_be_repeated()
    {
        await using var host = new Host(OfUsers);
        await host.RememberAsync("Likes tea.", "ada");
        await using (var reader = new SqliteConnection($"Data Source={Path.Combine(host.Context.DataPath, "memory.db")};Pooling=false"))
        {
            await reader.OpenAsync();
            await using var reading = reader.BeginTransaction(deferred: true);
            await using var command = reader.CreateCommand();
            command.CommandText = "SELECT count(*) FROM facts";
            await command.ExecuteScalarAsync();

            var error = await Assert.ThrowsAsync<StorageException>(async () => await host.Plugin.DeleteUserDataAsync(new UserKey("t", "ada"), default));
            Assert.Contains("another program reads", error.Message, StringComparison.Ordinal);
        }

        Assert.Equal(0, await host.Plugin.DeleteUserDataAsync(new UserKey("t", "ada"), default));
        Assert.Equal(0, Count(host, "Likes tea"));
    }

    [Fact]
    public async Task Nothing_is_made_for_a_user_where_no_facts_outlive_sessions()
    {
        await using var host = new Host(new MemoryOptions());

        Assert.Empty(await host.Plugin.ReadUserDataAsync(new UserKey("t", "ada"), default));
        Assert.Equal(0, await host.Plugin.DeleteUserDataAsync(new UserKey("t", "ada"), default));
        Assert.Equal(PluginHealth.Healthy, await host.Plugin.CheckHealthAsync(default));

        Assert.Empty(Directory.GetFiles(host.Context.DataPath));
    }

    [Fact]
    public async Task Facts_of_users_are_deleted_also_when_the_scope_is_another_one_meanwhile()
    {
        await using var host = new Host(OfUsers);
        await host.RememberAsync("Likes tea.", "ada");
        await using var later = new Host(new MemoryOptions(), sharedWith: host);

        Assert.Equal(1, await later.Plugin.DeleteUserDataAsync(new UserKey("t", "ada"), default));
    }

    private static int Count(Host host, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        return Directory.GetFiles(host.Context.Folder, "*", SearchOption.AllDirectories).Count(f =>
        {
            using var file = new FileStream(f, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var content = new byte[file.Length];
            file.ReadExactly(content);
            return content.AsSpan().IndexOf(bytes) >= 0;
        });
    }
}
