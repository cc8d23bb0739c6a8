namespace PluginHost.Sdk.Testing.Conformance;

/// <summary>The rules of every chat client that a plugin makes.</summary>
internal static class ClientCases
{
    public static IReadOnlyList<(string Name, Func<PluginUnderTest, Task> Run)> All { get; } =
    [
        (nameof(The_client_answers), The_client_answers),
        (nameof(The_client_answers_many_runs_at_once), The_client_answers_many_runs_at_once),
    ];

    private static async Task The_client_answers(PluginUnderTest plugin)
    {
        await using var chain = await plugin.CreateChainAsync();
        var run = await Check.EndsAsync(chain.RunAsync("hello"), "A run");
        Check.Completed(run);
        Check.True(run.Text.Length > 0, "The client answered with no text.");
    }

    private static async Task The_client_answers_many_runs_at_once(PluginUnderTest plugin)
    {
        await using var chain = await plugin.CreateChainAsync();
        Check.Completed(await Check.EndsAsync(chain.RunAsync("hello"), "A run"));
        var runs = Enumerable.Range(1, 8).Select(i => Task.Run(() => Check.EndsAsync(chain.RunAsync("hello", session: $"session-{i}"), "A run")));
        foreach (var run in await Task.WhenAll(runs)) Check.Completed(run);
    }
}
