namespace PluginHost.Sdk.Testing.Conformance;

/// <summary>The rules of every plugin in a chain.</summary>
internal static class ChainCases
{
    private const int Sessions = 16;

    public static IReadOnlyList<(string Name, Func<PluginUnderTest, Task> Run)> All { get; } =
    [
        (nameof(A_run_completes), A_run_completes),
        (nameof(A_streamed_answer_is_the_same_as_an_unstreamed_one), A_streamed_answer_is_the_same_as_an_unstreamed_one),
        (nameof(Concurrent_sessions_do_not_see_each_other), Concurrent_sessions_do_not_see_each_other),
        (nameof(Messages_of_earlier_runs_stay_as_they_were), Messages_of_earlier_runs_stay_as_they_were),
        (nameof(A_run_after_a_failed_one_completes), A_run_after_a_failed_one_completes),
        (nameof(A_cancelled_run_ends), A_cancelled_run_ends),
        (nameof(A_new_instance_works_after_the_old_one_was_disposed), A_new_instance_works_after_the_old_one_was_disposed),
    ];

    private static async Task A_run_completes(PluginUnderTest plugin)
    {
        await using var chain = await plugin.CreateChainAsync(new EchoModel());
        Check.Completed(await Check.EndsAsync(chain.RunAsync("hello"), "A run"));
    }

    private static async Task A_streamed_answer_is_the_same_as_an_unstreamed_one(PluginUnderTest plugin)
    {
        await using var chain = await plugin.CreateChainAsync(new EchoModel());
        var unstreamed = await Check.EndsAsync(chain.RunAsync("hello, world", session: "unstreamed"), "A run");
        var streamed = await Check.EndsAsync(chain.RunAsync("hello, world", streamed: true, session: "streamed"), "A streamed run");
        Check.Equal(unstreamed.Text, streamed.Text, "The text of a streamed run");
    }

    private static async Task Concurrent_sessions_do_not_see_each_other(PluginUnderTest plugin)
    {
        await using var chain = await plugin.CreateChainAsync(new EchoModel());
        Check.Completed(await Check.EndsAsync(chain.RunAsync("hello"), "A run"));
        string[] marks = [.. Enumerable.Range(10, Sessions).Select(i => $"mark{i}")];
        var runs = await Task.WhenAll(marks.Select(mark => Task.Run(() => Check.EndsAsync(chain.RunAsync($"say {mark} and {mark}", session: mark), "A run"))));
        for (var i = 0; i < runs.Length; i++)
        {
            Check.Completed(runs[i]);
            var foreign = marks.Where(m => m != marks[i] && (runs[i].Text + string.Concat(runs[i].Stored)).Contains(m, StringComparison.OrdinalIgnoreCase));
            Check.True(!foreign.Any(), $"A run has text of other sessions: {string.Join(", ", foreign)}.");
        }
    }

    private static async Task Messages_of_earlier_runs_stay_as_they_were(PluginUnderTest plugin)
    {
        await using var chain = await plugin.CreateChainAsync(new EchoModel());
        var first = await Check.EndsAsync(chain.RunAsync("hello"), "A run");
        string[] stored = [.. first.Stored.Select(m => $"{m.Role}: {m.Text}")];
        var second = await Check.EndsAsync(chain.RunAsync("again"), "A second run");
        Check.Equal(string.Join('\n', stored), string.Join('\n', second.Stored.Take(stored.Length).Select(m => $"{m.Role}: {m.Text}")), "The messages of the first run");
    }

    private static async Task A_run_after_a_failed_one_completes(PluginUnderTest plugin)
    {
        await using var chain = await plugin.CreateChainAsync(ScriptedModel.Fail().Say("hello"));
        await Check.EndsAsync(chain.RunAsync("hello"), "A run with a model that fails");
        Check.Completed(await Check.EndsAsync(chain.RunAsync("hello", session: "other"), "The next run"));
    }

    private static async Task A_cancelled_run_ends(PluginUnderTest plugin)
    {
        using var cancellation = new CancellationTokenSource();
        await using var chain = await plugin.CreateChainAsync(new HangingModel(cancellation));
        await Check.EndsAsync(chain.RunAsync("hello", cancellationToken: cancellation.Token), "A cancelled run");
    }

    private static async Task A_new_instance_works_after_the_old_one_was_disposed(PluginUnderTest plugin)
    {
        for (var i = 0; i < 2; i++)
        {
            await using var chain = await plugin.CreateChainAsync(new EchoModel());
            Check.Completed(await Check.EndsAsync(chain.RunAsync("hello"), "A run"));
        }
    }
}
