using PluginHost.Engine.Chains;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Sessions.Hosts;

namespace PluginHost.Engine.Sessions.Retention;

/// <summary>Lets retention pass when it is time, by the settings in use: a reload changes or ends it within a minute.</summary>
internal sealed class RetentionService(
    SessionRetention retention, ChainHolder chains, HostMembership hosts, TimeProvider time, ILogger<RetentionService> logger) : BackgroundService
{
    /// <summary>How often the settings are looked at.</summary>
    public static readonly TimeSpan Look = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var last = time.GetUtcNow();
        try
        {
            while (true)
            {
                await Task.Delay(NextLook(), time, stoppingToken);
                // One host does it for all that share a store.
                if (!hosts.IsFirst) continue;
                if (Settings is not { IdleFor: not null } settings || time.GetUtcNow() - last < settings.Every) continue;
                await PassAsync(stoppingToken);
                last = time.GetUtcNow();
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops; the next one continues.
        }
    }

    private RetentionConfiguration? Settings => chains.IsReady ? chains.Current.Settings.Retention : null;

    private TimeSpan NextLook() => Settings is { IdleFor: not null } settings && settings.Every < Look ? settings.Every : Look;

    private async Task PassAsync(CancellationToken stoppingToken)
    {
        try
        {
            await retention.PassAsync(stoppingToken);
        }
        catch (Exception e) when (!stoppingToken.IsCancellationRequested)
        {
            Log.RetentionStopped(logger, LoggableError.From(e));
        }
    }
}
