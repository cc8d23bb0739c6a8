using System.CommandLine;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Plugins.Loading;
using PluginHost.Engine.Sessions.Migration;

namespace PluginHost.Cli.Backups;

/// <summary><c>pluginhost migrate --from CONFIG --to CONFIG</c>: copies all sessions to the stores of another configuration.</summary>
internal static class MigrateCommand
{
    private const string From = "--from", To = "--to";

    public static Command Create(CommandOptions options, HostPaths? paths = null)
    {
        var from = CreateFileOption(From, "The configuration whose session store and histories are read.");
        var to = CreateFileOption(To, "The configuration whose session store and histories get the sessions.");
        var overwrite = new Option<bool>("--overwrite") { Description = "Replace sessions that the target has with other content. Without it, each is an error, and the others are copied." };
        var command = new Command("migrate", "Copy all sessions with their runs and messages to other stores. No host may serve from either. Start it again after an interruption.")
        {
            from, to, overwrite,
        };
        command.SetAction((parsed, cancellationToken) => BackupErrors.WriteAsync(parsed.InvocationConfiguration.Error, async () =>
        {
            var errors = parsed.InvocationConfiguration.Error;
            using var cache = new PluginCache();
            await using var source = await OpenAsync(options, parsed.GetValue(from)!, paths, cache, errors);
            await using var target = await OpenAsync(options, parsed.GetValue(to)!, paths, cache, errors);
            await source.StartAsync(cancellationToken);
            await target.StartAsync(cancellationToken);
            var screen = new MigrationScreen(errors, isTerminal: !Console.IsErrorRedirected, source.Caller.Time);
            var migration = new StoreMigration(
                new MigrationSide(From, source.Plugins, source.Caller), new MigrationSide(To, target.Plugins, target.Caller), screen.Progress);
            await screen.ShowAsync(RunAsync(migration, parsed.GetValue(overwrite), cancellationToken));
            parsed.InvocationConfiguration.Output.WriteLine(screen.Summarize());
            if (screen.Progress.Failed > 0) throw new MigrationException("Not everything was copied. See the errors above.");
        }));
        return command;
    }

    private static Option<string> CreateFileOption(string name, string description) => new(name) { Description = description, HelpName = "config", Required = true };

    private static async Task<OfflineStores> OpenAsync(CommandOptions options, string file, HostPaths? paths, PluginCache cache, TextWriter errors)
    {
        try
        {
            var setup = options.Load(file, [], paths, cache);
            return setup.Configuration is null ? throw new StartupException(setup.Errors) : await OfflineStores.OpenAsync(setup, logsPlugins: true);
        }
        catch (StartupException)
        {
            await errors.WriteLineAsync($"In {file}:");
            throw;
        }
    }

    private static async Task RunAsync(StoreMigration migration, bool overwrite, CancellationToken cancellationToken)
    {
        try
        {
            await migration.RunAsync(overwrite, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw new MigrationException("Stopped. Start the command again: it copies the rest.");
        }
    }
}
