using System.Collections.Concurrent;

namespace PluginHost.Memory.Tests;

/// <summary>Who remembers the same facts.</summary>
public sealed class ScopeTests
{
    private static readonly MemoryOptions OfUsers = new(Scope: Scope.User);

    [Fact]
    public async Task A_user_has_the_same_facts_in_all_sessions_and_no_other_user_and_no_other_tenant_has_them()
    {
        await using var host = new Host(OfUsers);

        Assert.Equal("Remembered as fact 1.", await host.RememberAsync("Likes tea.", "ada", "one"));

        Assert.Equal(["1: Likes tea."], await host.FactsAsync("ada", "two", agent: "another"));
        Assert.Empty(await host.FactsAsync("bob", "one"));
        Assert.Empty(await host.FactsAsync("Ada", "one"));
        Assert.Empty(await host.FactsAsync("ada", "one", tenant: "other"));
        Assert.Empty(await host.FactsAsync(user: null, "one"));
    }

    [Fact]
    public async Task A_run_without_a_user_remembers_for_its_session_alone()
    {
        await using var host = new Host(OfUsers);
        var run = await host.ProvideAsync(user: null, "one");
        await Host.CallAsync(run, "remember", "Likes tea.");

        Assert.Equal(["1: Likes tea."], await host.FactsAsync(user: null, "one"));
        Assert.Empty(await host.FactsAsync(user: null, "two"));
        Assert.Empty(await host.FactsAsync("ada", "one"));
    }

    [Fact]
    public async Task An_agent_has_its_facts_for_all_users_of_a_tenant()
    {
        await using var host = new Host(new MemoryOptions(Scope: Scope.Agent));
        await host.RememberAsync("The office closes at six.", "ada");

        Assert.Equal(["1: The office closes at six."], await host.FactsAsync("bob", "two"));
        Assert.Empty(await host.FactsAsync("ada", agent: "another"));
        Assert.Empty(await host.FactsAsync("ada", tenant: "other"));
    }

    [Fact]
    public async Task A_tenant_has_its_facts_for_all_agents()
    {
        await using var host = new Host(new MemoryOptions(Scope: Scope.Tenant));
        await host.RememberAsync("The office closes at six.", "ada");

        Assert.Equal(["1: The office closes at six."], await host.FactsAsync("bob", "two", agent: "another"));
        Assert.Empty(await host.FactsAsync("ada", tenant: "other"));
    }

    [Fact]
    public async Task Scopes_and_entries_with_other_names_do_not_mix()
    {
        await using var users = new Host(OfUsers);
        await using var agents = new Host(new MemoryOptions(Scope: Scope.Agent), sharedWith: users);
        await using var notes = new Host(OfUsers, entry: "notes", sharedWith: users);
        await users.RememberAsync("Likes tea.", "a");

        Assert.Empty(await agents.FactsAsync("a", agent: "a"));
        Assert.Empty(await notes.FactsAsync("a"));
    }

    [Fact]
    public async Task Facts_of_users_outlive_the_process()
    {
        var folder = Directory.CreateTempSubdirectory("memory-").FullName;
        try
        {
            await using (var first = new Host(OfUsers, folder))
            {
                await first.RememberAsync("Likes tea.", "ada");
                await first.RememberAsync("Likes cake.", "ada");
                await Host.CallAsync(await first.ProvideAsync("ada"), "forget", "2");
            }

            await using var second = new Host(OfUsers, folder);

            Assert.Equal(["1: Likes tea."], await second.FactsAsync("ada"));
            Assert.Equal("Remembered as fact 3.", await second.RememberAsync("Lives in Rome.", "ada"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task Concurrent_runs_of_a_user_lose_no_fact()
    {
        await using var host = new Host(OfUsers with { MaxFacts = 500 });
        await using var other = new Host(OfUsers with { MaxFacts = 500 }, sharedWith: host);
        var results = new ConcurrentBag<string>();

        await Parallel.ForAsync(0, 100, async (i, _) =>
            results.Add(await Host.CallAsync(await (i % 2 == 0 ? host : other).ProvideAsync("ada", $"s{i}"), "remember", $"fact number {i}")));

        Assert.Equal(100, results.Distinct().Count());
        Assert.Equal(100, (await host.FactsAsync("ada")).Distinct().Count());
    }

    [Theory]
    [InlineData("../x")]
    [InlineData("'; DROP TABLE facts; --")]
    [InlineData("a%")]
    [InlineData("tab\tand\nline")]
    [InlineData("nul\0here")]
    [InlineData("日本語 👩‍👩‍👧")]
    public async Task Any_name_of_a_user_is_only_a_name(string user)
    {
        await using var host = new Host(OfUsers);
        await host.RememberAsync("Likes tea.", user);

        Assert.Equal(["1: Likes tea."], await host.FactsAsync(user));
        Assert.Empty(await host.FactsAsync(user + "x"));
        Assert.Equal(1, await host.Plugin.DeleteUserDataAsync(new UserKey("t", user), default));
        Assert.Empty(await host.FactsAsync(user));
        Assert.All(
            Directory.GetFiles(host.Context.Folder, "*", SearchOption.AllDirectories),
            f => Assert.StartsWith("memory.db", Path.GetFileName(f), StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_file_can_be_put_elsewhere()
    {
        await using var host = new Host(OfUsers with { Path = "elsewhere/facts.db" });
        await host.RememberAsync("Likes tea.", "ada");

        Assert.True(File.Exists(Path.Combine(host.Context.Folder, "elsewhere", "facts.db")));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(host.Context.Folder, "elsewhere", "facts.db")));
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(host.Context.Folder, "elsewhere", "facts.db-wal")));
        }
    }
}
