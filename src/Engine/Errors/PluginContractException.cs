namespace PluginHost.Engine.Errors;

/// <summary>A plugin broke a rule of the SDK. The host throws it, so its message is fit for callers.</summary>
internal sealed class PluginContractException(string message) : InvalidOperationException(message);
