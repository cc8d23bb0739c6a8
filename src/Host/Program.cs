using System.CommandLine;
using PluginHost.Cli;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Plugins.Catalog;
using PluginHost.ModelClients;
using PluginHost.Telemetry;

// Windows' consoles use a code page of the country unless a program asks for another.
if (OperatingSystem.IsWindows()) Console.OutputEncoding = System.Text.Encoding.UTF8;
// The console's own writer takes 256 characters at a time, so that most lines of the log would be written in two parts.
Console.SetOut(new StreamWriter(Console.OpenStandardOutput(), Console.Out.Encoding, 4096) { AutoFlush = true });

// Without a command the host serves. What each start needs begins while the command line is read.
if (args is [] or [['-', ..], ..]) HostSetup.BeginAhead();

var options = new CommandOptions(
    ChatClients.Validate,
    (variables, configuration) => HostTelemetry
        .Validate(new ConfigurationBuilder().AddInMemoryCollection(variables!).Build(), configuration?.Server.NeedsAuthentication == true)
        .Select(error => new ConfigurationError("environment", error)));

// The host ends by itself on SIGTERM and SIGINT, with its own deadline.
return await CommandLine.InvokeAsync(CommandLine.CreateRoot(options), args, new InvocationConfiguration { ProcessTerminationTimeout = null });
