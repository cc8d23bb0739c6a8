using System.CommandLine;
using System.CommandLine.Invocation;
using PluginHost.Cli;
using PluginHost.Engine.Configuration.Model;
using PluginHost.ModelClients;
using PluginHost.Telemetry;

var options = new CommandOptions(
    ChatClients.Validate,
    (variables, configuration) => HostTelemetry
        .Validate(new ConfigurationBuilder().AddInMemoryCollection(variables!).Build(), configuration?.Server.NeedsAuthentication == true)
        .Select(error => new ConfigurationError("environment", error)));
var root = new RootCommand("PluginHost: the session sidecar for AI agents. Without a command it serves.")
{
    options.Config,
    CheckCommand.Create(options),
    PluginsCommand.Create(options),
    ChatCommand.Create(),
    TraceCommand.Create(options),
    HealthCommand.Create(),
    KeysCommand.Create(),
};
ServeCommand.Attach(root, options);

var command = root.Parse(args);
// An error names what is allowed; the whole help would bury it.
if (command.Action is ParseErrorAction error) error.ShowHelp = false;

// The host ends by itself on SIGTERM and SIGINT, with its own deadline.
return await command.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
