using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using PluginHost.Cli.Authors;
using PluginHost.Engine.Configuration.Model;

namespace PluginHost.Cli;

/// <summary>The program's commands, and how its arguments are checked before one of them runs.</summary>
internal static class CommandLine
{
    /// <summary>Creates the root command, which serves, with all subcommands.</summary>
    public static RootCommand CreateRoot(CommandOptions options, HostPaths? paths = null)
    {
        var root = new RootCommand("PluginHost: the session sidecar for AI agents. Without a command it serves.")
        {
            options.Config,
            CheckCommand.Create(options, paths),
            PluginsCommand.Create(options, paths),
            SchemaCommand.Create(options, paths),
            DevCommand.Create(options),
            ConformCommand.Create(paths),
            ChatCommand.Create(),
            TraceCommand.Create(options, paths),
            HealthCommand.Create(),
            KeysCommand.Create(),
        };
        ServeCommand.Attach(root, options);
        return root;
    }

    /// <summary>Runs the command that the arguments name. Arguments that no command takes are an error.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> InvokeAsync(RootCommand root, IReadOnlyList<string> arguments, InvocationConfiguration console)
    {
        var parsed = root.Parse(arguments);
        // An error names what is allowed; the whole help would bury it.
        if (parsed.Action is ParseErrorAction error) error.ShowHelp = false;
        else if (parsed.Action is not null && FindUnknown(parsed) is { } unknown)
        {
            await console.Error.WriteLineAsync(unknown);
            return 1;
        }

        return await parsed.InvokeAsync(console);
    }

    /// <summary>The root command takes settings, so the parser accepts unknown arguments of all its subcommands.</summary>
    private static string? FindUnknown(ParseResult parsed)
    {
        if (parsed.UnmatchedTokens is not [var first, ..]) return null;
        var command = parsed.CommandResult.Command;
        if (command is RootCommand)
        {
            return first.StartsWith('-')
                ? null
                : $"'{first}' is not a command. Allowed are {string.Join(", ", command.Subcommands.Select(c => c.Name))}, and settings as --Section:Key=value.";
        }

        if (!command.TreatUnmatchedTokensAsErrors) return null;
        var options = command.Options.Select(o => o.Name).ToList();
        var allowed = options.Count == 0 ? "It takes no options." : $"Allowed are {string.Join(", ", options)}.";
        return $"'{first}' is not known to '{Describe(parsed.CommandResult)}'. {allowed}";
    }

    private static string Describe(CommandResult result) =>
        result.Parent is CommandResult { Command: not RootCommand } parent ? $"{Describe(parent)} {result.Command.Name}" : result.Command.Name;
}
