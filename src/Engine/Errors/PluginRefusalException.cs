using PluginHost.Sdk;

namespace PluginHost.Engine.Errors;

/// <summary>A plugin refused the run. No <see cref="PluginException"/>, so that nothing skips it.</summary>
internal sealed class PluginRefusalException(string sourceId, RunRefusedException refusal) : Exception(refusal.Message, refusal)
{
    public string SourceId { get; } = sourceId;

    public RunRefusedException Refusal { get; } = refusal;
}
