namespace PluginHost.WebConsole.Tests;

/// <summary>The browser that the tests use. Without it they are skipped, by name.</summary>
internal static class Chromium
{
    private const string Variable = "PLUGINHOST_TEST_CHROMIUM";

    public static string? Path { get; } = new[] { Environment.GetEnvironmentVariable(Variable), "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome" }
        .FirstOrDefault(File.Exists);

    public static string? Missing => Path is null ? $"There is no Chromium: install it, or set {Variable} to its path." : null;
}

[AttributeUsage(AttributeTargets.Method)]
internal sealed class ChromiumFactAttribute : FactAttribute
{
    public override string? Skip => Chromium.Missing;
}

[AttributeUsage(AttributeTargets.Method)]
internal sealed class ChromiumTheoryAttribute : TheoryAttribute
{
    public override string? Skip => Chromium.Missing;
}
