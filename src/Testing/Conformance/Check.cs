namespace PluginHost.Sdk.Testing.Conformance;

/// <summary>What cases expect.</summary>
internal static class Check
{
    public static void Equal<T>(T expected, T actual, string what)
    {
        if (!EqualityComparer<T>.Default.Equals(expected, actual)) throw new ConformanceException($"{what}: expected {Show(expected)}, found {Show(actual)}.");
    }

    public static void True(bool condition, string message)
    {
        if (!condition) throw new ConformanceException(message);
    }

    /// <summary>Expects a run to end in time.</summary>
    public static async Task<TestRun> EndsAsync(Task<TestRun> run, string what)
    {
        try
        {
            return await run.WaitAsync(PluginUnderTest.TimeLimit);
        }
        catch (TimeoutException)
        {
            throw new ConformanceException($"{what} did not end within {PluginUnderTest.TimeLimit.TotalSeconds:0} s.");
        }
    }

    /// <summary>Expects a run to complete with the plugin.</summary>
    public static void Completed(TestRun run)
    {
        True(run.Outcome == RunOutcome.Completed, $"A run ended as {run.Outcome}: {run.ErrorType} {run.ErrorMessage}");
        True(run.Skipped.Count == 0, "The plugin failed in a run, which continued without it.");
    }

    private static string Show<T>(T value) => value is string text ? $"\"{text}\"" : $"{value}";
}
