namespace PluginHost.Engine.Errors;

/// <summary>An attempt of a run ends because calls need approvals. For all that it passes, it ends like one that was cancelled.</summary>
internal sealed class ParkedException(CancellationToken cancellation) : OperationCanceledException(cancellation);
