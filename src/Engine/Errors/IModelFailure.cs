namespace PluginHost.Engine.Errors;

/// <summary>An exception of a model's client that knows what the model's service said of the failure.</summary>
internal interface IModelFailure : IErrorType
{
    string? Code { get; }

    string? Param { get; }

    TimeSpan? RetryAfter { get; }

    bool? ShouldRetry { get; }
}
