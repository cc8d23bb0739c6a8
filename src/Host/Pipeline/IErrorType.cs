namespace PluginHost.Pipeline;

/// <summary>An exception that knows its own low-cardinality type, one of a fixed set.</summary>
public interface IErrorType
{
    string ErrorType { get; }
}
