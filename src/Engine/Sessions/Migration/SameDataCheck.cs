using Microsoft.Extensions.AI;
using PluginHost.Sdk;

namespace PluginHost.Engine.Sessions.Migration;

/// <summary>Finds out whether both configurations use the same store or history: the removal of a copy would then remove its source.</summary>
internal static class SameDataCheck
{
    private static readonly SessionKey Probe = new("default", "pluginhost-migration-probe");

    /// <summary>Writes a session into the target, looks for it in the source, and removes it.</summary>
    /// <exception cref="MigrationException">The source has it.</exception>
    public static async ValueTask RunAsync(MigrationSide from, MigrationSide to, HistoryPairs histories, CancellationToken cancellationToken)
    {
        // One that was interrupted may have left it.
        await to.RemoveAsync(histories.Targets, Probe);
        try
        {
            await WriteAsync(to, histories, cancellationToken);
            if (await from.Store.FindAsync(Probe, cancellationToken) is not null)
                throw new MigrationException($"{from.Option} and {to.Option} have the same session store. Choose another for {to.Option}.");
            foreach (var history in histories.Sources)
            {
                if (await from.HasMessagesAsync(history, Probe, cancellationToken))
                    throw new MigrationException($"The history '{history.SourceId}' of {from.Option} is a history of {to.Option} too. Choose another for {to.Option}.");
            }
        }
        finally
        {
            await to.RemoveAsync(histories.Targets, Probe);
        }
    }

    private static async ValueTask WriteAsync(MigrationSide to, HistoryPairs histories, CancellationToken cancellationToken)
    {
        var now = to.Time.GetUtcNow();
        var record = SessionWrite.ToUnfinished(new SessionRecord { Key = Probe, Version = 1, CreatedAt = now, UpdatedAt = now });
        await to.Store.SaveAsync(new SessionSave { Session = record, ExpectedVersion = 0 });
        var message = new HistoryMessage { Id = "probe", Origin = MessageOrigin.Input, Message = new ChatMessage(ChatRole.User, "probe"), CreatedAt = now };
        foreach (var history in histories.Targets)
            await to.AppendAsync(history, new HistoryAppend { Session = Probe, Messages = [message], CreatedAt = now }, cancellationToken);
    }
}
