namespace PluginHost.Conformance;

/// <summary>A plugin breaks a rule of the SDK. The message says what was expected.</summary>
public sealed class ConformanceException(string message, Exception? innerException = null) : Exception(message, innerException);
