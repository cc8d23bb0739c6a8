using System.Text.Json;
using PluginHost.Sdk.Testing.Conformance.Checks;

namespace PluginHost.Sdk.Testing.Conformance;

/// <summary>The rules of plugins in a chain that keep data of users. The runs call each tool of the plugin once.</summary>
internal static class UserDataCases
{
    public static IReadOnlyList<(string Name, Func<PluginUnderTest, Task> Run)> All { get; } =
    [
        (nameof(An_unknown_user_has_no_data), An_unknown_user_has_no_data),
        (nameof(A_deletion_removes_what_was_read_and_nothing_of_others), A_deletion_removes_what_was_read_and_nothing_of_others),
        (nameof(A_deleted_user_stays_deleted_in_a_new_instance), A_deleted_user_stays_deleted_in_a_new_instance),
        (nameof(A_user_of_another_tenant_is_another_user), A_user_of_another_tenant_is_another_user),
    ];

    private static async Task An_unknown_user_has_no_data(PluginUnderTest plugin)
    {
        await using var chain = await plugin.CreateChainAsync(new ToolCallingModel());
        await RunAsync(chain, "ada");
        foreach (var name in HostileIds.All)
        {
            Check.Equal(0, Count(await chain.ReadUserAsync(name)), $"The number of items of the unknown user '{name}'");
            Check.Equal(0, (await chain.DeleteUserAsync(name)).Values.Sum(), $"The number of removed items of the unknown user '{name}'");
        }
    }

    private static async Task A_deletion_removes_what_was_read_and_nothing_of_others(PluginUnderTest plugin)
    {
        await using var chain = await plugin.CreateChainAsync(new ToolCallingModel());
        foreach (var user in new[] { "ada", "bob", "Ada", "ada ", "ada%" }) await RunAsync(chain, user);
        var others = await CountAsync();
        var read = Count(await chain.ReadUserAsync("ada"));
        Check.Equal(read, (await chain.DeleteUserAsync("ada")).Values.Sum(), "The number of removed items");
        Check.Equal(0, Count(await chain.ReadUserAsync("ada")), "The number of items of a deleted user");
        Check.Equal(0, (await chain.DeleteUserAsync("ada")).Values.Sum(), "The number of items that a second deletion removed");
        Check.Equal(others, await CountAsync(), "The number of items of other users");
        await RunAsync(chain, "ada");

        async Task<int> CountAsync()
        {
            var count = 0;
            foreach (var user in new[] { "bob", "Ada", "ada ", "ada%" }) count += Count(await chain.ReadUserAsync(user));
            return count;
        }
    }

    private static async Task A_deleted_user_stays_deleted_in_a_new_instance(PluginUnderTest plugin)
    {
        await using (var first = await plugin.CreateChainAsync(new ToolCallingModel()))
        {
            await RunAsync(first, "ada");
            await first.DeleteUserAsync("ada");
        }

        await using var second = await plugin.CreateChainAsync(new ToolCallingModel());
        Check.Equal(0, Count(await second.ReadUserAsync("ada")), "The number of items of a deleted user");
    }

    private static async Task A_user_of_another_tenant_is_another_user(PluginUnderTest plugin)
    {
        await using var chain = await plugin.CreateChainAsync(new ToolCallingModel());
        await RunAsync(chain, "ada");
        var read = Count(await chain.ReadUserAsync("ada"));
        Check.Equal(0, Count(await chain.ReadUserAsync(new UserKey("another", "ada"))), "The number of items of a user of that name in another tenant");
        Check.Equal(0, (await chain.DeleteUserAsync(new UserKey("another", "ada"))).Values.Sum(), "The number of removed items of another tenant");
        Check.Equal(read, Count(await chain.ReadUserAsync("ada")), "The number of items after a deletion in another tenant");
    }

    private static async Task RunAsync(TestChain chain, string user) =>
        Check.Completed(await Check.EndsAsync(chain.RunAsync("hello", session: $"of {user.Length} {user[0]}", user: user), "A run of a user"));

    private static int Count(IReadOnlyDictionary<string, IReadOnlyList<JsonElement>> items) => items.Values.Sum(i => i.Count);
}
