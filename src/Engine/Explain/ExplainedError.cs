using PluginHost.Engine.Errors;

namespace PluginHost.Engine.Explain;

/// <summary>Why a call of the model failed, as its callers learn it.</summary>
internal sealed record ExplainedError(string Type, string Message)
{
    public static ExplainedError From(Exception error)
    {
        if (error is OperationCanceledException) return new(ErrorTypes.Cancelled, "The call was cancelled.");
        var known = ModelRunError.From(error);
        return new(known.Type, known.Message);
    }
}
