namespace PluginHost.EndToEnd.Running;

internal static class StartupFailure
{
    /// <summary>Checks that a start failed with exit code 1, with these texts on standard error and without a stack trace.</summary>
    public static void Check((int Code, string Output, string Errors) run, params string[] expected)
    {
        Assert.True(run.Code == 1, $"The host exited with code {run.Code}.\n{run.Output}{run.Errors}");
        Assert.All(expected, text => Assert.Contains(text, run.Errors, StringComparison.Ordinal));
        foreach (var written in new[] { run.Output, run.Errors })
        {
            Assert.DoesNotContain("   at ", written, StringComparison.Ordinal);
            Assert.DoesNotContain("Unhandled exception", written, StringComparison.Ordinal);
        }
    }
}
