using PluginHost.Benchmarks;
using PluginHost.Benchmarks.Http;

// The start of this server is measured, so it must not load what other commands need.
if (args is [ServeCommand.Name, ServeCommand.Bare, "--url", var url])
{
    await BareServer.ServeAsync(url, Console.Out);
    return 0;
}

return await BenchmarkCommands.RunAsync(args);
