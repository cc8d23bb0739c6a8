using PluginHost.Engine.Runs.Live;

namespace PluginHost.Http.Streaming;

/// <summary>Turns the events of one run, from the first one, into those of an interface.</summary>
internal interface IRunEventMapper
{
    /// <summary>The events that one event of the run becomes, in order; valid until the next call.</summary>
    IReadOnlyList<SseEvent> Map(RunEvent happened);
}
