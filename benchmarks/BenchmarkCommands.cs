using System.CommandLine;
using BenchmarkDotNet.Running;
using PluginHost.Benchmarks.Compare;
using PluginHost.Benchmarks.Hosts;
using PluginHost.Benchmarks.Http;
using PluginHost.Benchmarks.Load;
using PluginHost.Benchmarks.OpenAI;
using PluginHost.Benchmarks.Pages;
using PluginHost.Benchmarks.Plugins;
using PluginHost.Benchmarks.Runs;
using PluginHost.Benchmarks.Soak;
using PluginHost.Benchmarks.Stores;
using PluginHost.Benchmarks.Telemetry;

namespace PluginHost.Benchmarks;

internal static class BenchmarkCommands
{
    /// <summary>Runs the command that the first argument names. All other arguments are passed to BenchmarkDotNet, for example <c>--filter '*Peer*'</c>.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        var root = new RootCommand("Benchmarks of PluginHost.")
        {
            CompareCommand.Create(),
            RatioCommand.Create(),
            StoresCommand.Create(),
            SqliteCommand.Create(),
            ColdLoadCommand.Create(),
            TelemetryCommand.Create(),
            CollectorSink.CreateCommand(),
            LoadCommand.Create(),
            ServeCommand.Create(),
            SoakCommand.Create(),
            OpenAICommand.Create(),
            ConsoleCommand.Create(),
            HostsCommand.Create(),
            PartitionCommand.Create(),
            PluginsCommand.Create(),
        };
        if (args.Length > 0 && root.Subcommands.Any(c => c.Name == args[0])) return await root.Parse(args).InvokeAsync();
        BenchmarkSwitcher.FromAssembly(typeof(RatioCommand).Assembly).Run(args);
        return 0;
    }
}
