namespace PluginHost.Engine.Errors;

/// <summary>An exception that knows its own low-cardinality type, one of a fixed set.</summary>
internal interface IErrorType
{
    string ErrorType { get; }
}
