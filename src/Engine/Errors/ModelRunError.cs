using PluginHost.Sdk;

namespace PluginHost.Engine.Errors;

/// <summary>Says to callers why a model failed.</summary>
internal static class ModelRunError
{
    public static RunError From(Exception e) => e is ModelException failure
        ? From(failure, $"The model failed: {failure.Message}")
        : new RunError { Type = ModelErrorTypes.Failed, Message = $"The model failed: {CallerText.From(e)}" };

    /// <summary>The error of a failure with another text.</summary>
    public static RunError From(ModelException failure, string message) => new()
    {
        Type = ModelErrorTypes.From(failure.Failure),
        Message = message,
        Code = failure.Code,
        Param = failure.Param,
        RetryAfter = failure.RetryAfter,
        ShouldRetry = failure.ShouldRetry,
    };
}
