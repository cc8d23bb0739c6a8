using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using PluginHost.Cli.Authors;
using PluginHost.Cli.Backups;
using PluginHost.Cli.Remote;
using PluginHost.Engine.Configuration.Binding;
using PluginHost.Engine.Configuration.Model;

namespace PluginHost.Cli;

/// <summary>The program's commands, and how its arguments are checked before one of them runs.</summary>
internal static class CommandLine
{
    private static readonly string Description =
        $"""
        PluginHost: the session sidecar for AI agents. Without a command it serves.

        Settings: everything in the configuration file can also be set
          on the command line, as --Section:Key=value, for example --Server:Listen:0=http://127.0.0.1:8080
          in the environment, as Section__Key, for example Sessions__Busy=reject
        The command line wins over the environment, and the environment over the file.
        Sections: {string.Join(", ", HostConfiguration.Sections)}. "pluginhost schema" describes every setting.
        """;

    /// <summary>Creates the root command, which serves, with all subcommands.</summary>
    public static RootCommand CreateRoot(CommandOptions options, HostPaths? paths = null)
    {
        var root = new RootCommand(Description)
        {
            options.Config,
            CheckCommand.Create(options, paths),
            PluginsCommand.Create(options, paths),
            SchemaCommand.Create(options, paths),
            DevCommand.Create(options),
            ConformCommand.Create(paths),
            ChatCommand.Create(),
            TraceCommand.Create(options, paths),
            ExplainCommand.Create(),
            ReplayCommand.Create(options),
            HealthCommand.Create(),
            ReloadCommand.Create(),
            BackupCommand.Create(options, paths),
            RestoreCommand.Create(options, paths),
            MigrateCommand.Create(options, paths),
            KeysCommand.Create(),
            CompletionCommand.Create(),
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
        else if (parsed.Action is not null && !IsDirective(parsed) && FindUnknown(parsed) is { } unknown)
        {
            await console.Error.WriteLineAsync(unknown);
            return 1;
        }

        return await parsed.InvokeAsync(console);
    }

    /// <summary>A directive such as [suggest] has another command line as its argument.</summary>
    private static bool IsDirective(ParseResult parsed) => parsed.Tokens.Any(t => t.Type == TokenType.Directive);

    /// <summary>The root command takes settings, so the parser accepts unknown arguments of all its subcommands.</summary>
    private static string? FindUnknown(ParseResult parsed)
    {
        if (parsed.UnmatchedTokens is not [var first, ..]) return null;
        var command = parsed.CommandResult.Command;
        if (command is RootCommand)
        {
            return first.StartsWith('-')
                ? null
                : $"'{first}' is not a command.{Spelling.DidYouMean(first, command.Subcommands.Select(c => c.Name))} "
                    + $"Allowed are {string.Join(", ", command.Subcommands.Select(c => c.Name))}, and settings as --Section:Key=value.";
        }

        if (!command.TreatUnmatchedTokensAsErrors) return null;
        var options = command.Options.Select(o => o.Name).ToList();
        var allowed = options.Count == 0 ? "It takes no options." : $"Allowed are {string.Join(", ", options)}.";
        return $"'{first}' is not known to '{Describe(parsed.CommandResult)}'.{Spelling.DidYouMean(first, options)} {allowed}";
    }

    private static string Describe(CommandResult result) =>
        result.Parent is CommandResult { Command: not RootCommand } parent ? $"{Describe(parent)} {result.Command.Name}" : result.Command.Name;
}
