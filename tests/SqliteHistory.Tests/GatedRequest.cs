namespace PluginHost.Sqlite.Tests;

/// <summary>Runs an action on the writer's thread, for example one that holds the writer until a test has queued more.</summary>
internal sealed class GatedRequest(Action<PreparedConnection> action, bool full = true) : WriteRequest(full)
{
    public TaskCompletionSource Begun { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public override void Write(PreparedConnection connection, HistoryHeads heads)
    {
        Begun.TrySetResult();
        action(connection);
    }
}
