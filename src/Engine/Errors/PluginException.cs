namespace PluginHost.Engine.Errors;

/// <summary>A plugin threw, or ran into its timeout. The message names the plugin; what it threw is the inner exception.</summary>
internal sealed class PluginException : Exception
{
    public PluginException(string sourceId, string operation, Exception inner, bool timedOut = false)
        : base(timedOut ? $"Plugin '{sourceId}' took too long in {operation}." : $"Plugin '{sourceId}' failed in {operation}.", inner)
    {
        SourceId = sourceId;
        TimedOut = timedOut;
    }

    public string SourceId { get; }

    public bool TimedOut { get; }

    /// <summary>The low-cardinality type of what the plugin threw.</summary>
    public string CauseType => TimedOut ? ErrorTypes.PluginTimeout : CallerText.TypeOf(InnerException!);

    public string ErrorType => TimedOut ? ErrorTypes.PluginTimeout : ErrorTypes.Plugin;
}
