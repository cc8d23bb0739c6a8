namespace PluginHost.EndToEnd.Running;

internal static class StartupRefusal
{
    /// <summary>A start that failed as it should: all that is wrong, on the error stream, with exit code 1 and no stack trace.</summary>
    public static void Check((int Code, string Output, string Errors) run, params string[] told)
    {
        Assert.True(run.Code == 1, $"It ended with {run.Code}.\n{run.Output}{run.Errors}");
        Assert.All(told, text => Assert.Contains(text, run.Errors, StringComparison.Ordinal));
        foreach (var written in new[] { run.Output, run.Errors })
        {
            Assert.DoesNotContain("   at ", written, StringComparison.Ordinal);
            Assert.DoesNotContain("Unhandled exception", written, StringComparison.Ordinal);
        }
    }
}
