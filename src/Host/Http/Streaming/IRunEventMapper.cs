using PluginHost.Engine.Runs.Live;

namespace PluginHost.Http.Streaming;

/// <summary>Turns the events of one run, from the first one, into those of an interface.</summary>
internal interface IRunEventMapper
{
    /// <summary>The events that one event of the run becomes, in order; valid until the next call.</summary>
    IReadOnlyList<SseEvent> Map(RunEvent happened);

    /// <summary>The events that were held back until it was known whether the run begins its answer; called when the stream has to begin before that.</summary>
    IReadOnlyList<SseEvent> Release() => [];
}
