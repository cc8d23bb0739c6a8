namespace PluginHost.Sqlite.Tests;

/// <summary>Runs an action on the writer's thread, for example to block the writer while a test queues more requests.</summary>
internal sealed class ActionRequest(Action<PreparedConnection> action, bool survivesPowerLoss = true) : WriteRequest(survivesPowerLoss)
{
    public TaskCompletionSource Started { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public override void Write(PreparedConnection connection, AppendPositions positions)
    {
        Started.TrySetResult();
        action(connection);
    }
}
