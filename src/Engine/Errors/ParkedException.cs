namespace PluginHost.Engine.Errors;

/// <summary>An attempt of a run ends because calls need approvals. The stages that it passes treat it as a cancellation.</summary>
internal sealed class ParkedException(CancellationToken cancellation) : OperationCanceledException(cancellation);
