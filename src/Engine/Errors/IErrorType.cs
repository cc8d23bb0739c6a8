namespace PluginHost.Engine.Errors;

/// <summary>An exception that knows its own low-cardinality type, one of a fixed set.</summary>
internal interface IErrorType
{
    string ErrorType { get; }

    /// <summary>What only the operator may see, for the log; null for nothing.</summary>
    string? Details { get; }
}
