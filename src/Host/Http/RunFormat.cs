using PluginHost.Engine.Errors;
using PluginHost.Http.Streaming;
using PluginHost.Sdk;

namespace PluginHost.Http;

/// <summary>How an interface shows runs.</summary>
internal abstract class RunFormat
{
    /// <summary>Whether the head of a stream waits for the first event, so that a run that fails before it is answered with the status of its error.</summary>
    public virtual bool DelaysHead => false;

    /// <summary>Why a run that has ended has no answer; null when it has one.</summary>
    public virtual Problem? FailureOf(RunRecord run) => run.Status == RunStatus.Failed ? Problem.FromFailedRun(run) : null;

    /// <summary>Writes a run as the whole response.</summary>
    public abstract Task WriteAsync(HttpContext context, RunRecord run);

    /// <summary>The same for a run in the background, which may not have ended.</summary>
    public virtual Task WriteAcceptedAsync(HttpContext context, RunRecord run) => WriteAsync(context, run);

    public abstract IRunEventMapper CreateMapper(RunRecord run);
}
