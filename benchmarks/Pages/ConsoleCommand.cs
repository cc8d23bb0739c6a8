using System.CommandLine;

namespace PluginHost.Benchmarks.Pages;

/// <summary>
/// The command <c>console</c>. It measures the pages of a real host: how long views take, what open pages cost, and what the console adds to the start
/// and the memory of the host.
/// </summary>
internal static class ConsoleCommand
{
    public static Command Create()
    {
        var host = new Option<FileInfo>("--host") { Description = "The host's pluginhost.dll.", Required = true };
        var configuration = new Option<FileInfo>("--config") { Description = "The host's configuration file.", DefaultValueFactory = _ => new("config/appsettings.json") };
        host.AcceptExistingOnly();
        var views = IntegerOption.Create("--views", 100, 1, "How often each page is read.");
        var pages = IntegerOption.Create("--pages", 50, 1, "The number of pages that follow events.");
        var seconds = IntegerOption.Create("--seconds", 30, 1, "For how long the host is at rest, with and without pages.");
        var starts = IntegerOption.Create("--starts", 7, 1, "The number of starts, with and without the console.");
        var command = new Command("console", "Measure the console: views, open pages at rest, start and memory.") { host, configuration, views, pages, seconds, starts };
        command.SetAction((parsed, cancellationToken) => RunAsync(
            new ConsoleOptions(
                parsed.GetValue(host)!.FullName, parsed.GetValue(configuration)!.FullName, parsed.GetValue(views), parsed.GetValue(pages), parsed.GetValue(seconds), parsed.GetValue(starts)),
            parsed.InvocationConfiguration.Output,
            cancellationToken));
        return command;
    }

    private static async Task RunAsync(ConsoleOptions options, TextWriter output, CancellationToken cancellationToken)
    {
        await ViewMeasurement.RunAsync(options, output, cancellationToken);
        await StartMeasurement.RunAsync(options, output, cancellationToken);
    }
}

/// <summary>What is measured.</summary>
/// <param name="HostAssembly">The host's pluginhost.dll.</param>
/// <param name="Configuration">Its configuration file.</param>
/// <param name="Views">How often each page is read.</param>
/// <param name="Pages">The number of pages that follow events.</param>
/// <param name="Seconds">For how long the host is at rest.</param>
/// <param name="Starts">The number of starts, with and without the console.</param>
internal sealed record ConsoleOptions(string HostAssembly, string Configuration, int Views, int Pages, int Seconds, int Starts);
