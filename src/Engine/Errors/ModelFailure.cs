using PluginHost.Sdk;

namespace PluginHost.Engine.Errors;

/// <summary>Says to callers why a model failed.</summary>
internal static class ModelFailure
{
    public static RunError ToError(Exception e)
    {
        var error = new RunError { Type = e is IErrorType typed ? typed.ErrorType : ErrorTypes.Model, Message = $"The model failed: {CallerText.From(e)}" };
        return e is not IModelFailure failure
            ? error
            : error with { Code = failure.Code, Param = failure.Param, RetryAfter = failure.RetryAfter, ShouldRetry = failure.ShouldRetry };
    }
}
