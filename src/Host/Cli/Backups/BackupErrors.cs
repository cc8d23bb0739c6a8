using PluginHost.Cli.Remote;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Sessions.Migration;

namespace PluginHost.Cli.Backups;

/// <summary>What can go wrong with a backup or a migration, as messages for an operator.</summary>
internal static class BackupErrors
{
    /// <returns>The exit code.</returns>
    public static async Task<int> WriteAsync(TextWriter errors, Func<Task> work)
    {
        try
        {
            await work();
            return 0;
        }
        catch (StartupException e)
        {
            return CommandOptions.WriteErrors(errors, e.Errors);
        }
        catch (PluginException e)
        {
            // A store's own message names cause and cure.
            await errors.WriteLineAsync((e.InnerException ?? e).Message);
            return 1;
        }
        catch (Exception e) when (e is HostCallException or HttpRequestException or ProblemException or SessionStoreException or MigrationException or IOException or InvalidDataException or UnauthorizedAccessException or UriFormatException)
        {
            await errors.WriteLineAsync(e.Message);
            return 1;
        }
    }
}
