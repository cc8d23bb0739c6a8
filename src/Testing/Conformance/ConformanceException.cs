namespace PluginHost.Sdk.Testing.Conformance;

/// <summary>A plugin breaks a rule of the SDK.</summary>
public sealed class ConformanceException : Exception
{
    /// <summary>Creates the exception.</summary>
    public ConformanceException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
