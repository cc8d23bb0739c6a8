namespace PluginHost.EndToEnd.Troubleshooting;

/// <summary>Commands that are refused, as the page of troubleshooting has them, and that no section of it is without a test.</summary>
public sealed class CommandTroubleTests
{
    [Fact]
    public async Task Commands_that_are_mistyped_or_find_no_host_are_on_the_page()
    {
        using var folder = WorkFolder.CreateShipped();
        var mistyped = await RunningHost.RunAsync(folder, ["chekc"]);
        var option = await RunningHost.RunAsync(folder, ["keys", "new", "--tennant", "acme"]);
        var alone = await RunningHost.RunAsync(folder, ["health", "--url", "http://127.0.0.1:9"]);
        var reload = await RunningHost.RunAsync(folder, ["reload", "--url", "http://127.0.0.1:9"]);

        TroubleshootingPage.Check("A command or option is not known", mistyped.Errors, option.Errors);
        TroubleshootingPage.Check("A command finds no host", reload.Errors);
        Assert.Contains("No host responds at http://127.0.0.1:9", alone.Errors, StringComparison.Ordinal);
        Assert.All(new[] { mistyped, option, alone, reload }, run => Assert.Equal(1, run.Code));
    }

    [Fact]
    public void Every_symptom_on_the_page_is_provoked_by_a_test()
    {
        var sources = string.Concat(Directory.GetFiles(Path.Combine(BuildOutputs.RepositoryRoot, "tests", "EndToEnd", "Troubleshooting"), "*Tests.cs").Select(File.ReadAllText));
        var symptoms = TroubleshootingPage.Symptoms.ToList();

        Assert.True(symptoms.Count >= 20);
        Assert.DoesNotContain(symptoms, s => !sources.Contains($"\"{s}\"", StringComparison.Ordinal));
    }
}
