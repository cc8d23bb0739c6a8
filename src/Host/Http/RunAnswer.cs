using PluginHost.Engine.Errors;
using PluginHost.Engine.Runs.Admission;
using PluginHost.Engine.Runs.Live;
using PluginHost.Http.Access;
using PluginHost.Http.Binding;
using PluginHost.Http.Errors;
using PluginHost.Http.Streaming;

namespace PluginHost.Http;

/// <summary>When a request that starts a run is answered.</summary>
internal enum AnswerMode
{
    /// <summary>When the run has ended.</summary>
    Wait,

    /// <summary>At once, event by event.</summary>
    Stream,

    /// <summary>At once, with the run as it is; it continues without a connection.</summary>
    Background,
}

/// <summary>Starts the runs of requests, and answers with them.</summary>
internal static class RunAnswer
{
    /// <summary>The header of an answer whose run was in progress, and has the input of the request.</summary>
    public const string Steered = "Run-Steered";

    /// <summary>A request whose answer is a stream counts as one from now on. Before its run starts, so that a refusal starts none.</summary>
    /// <exception cref="ProblemException">429 or 503: there are as many streams as there may be.</exception>
    public static void BecomeStreamIf(this HttpContext context, bool isStream)
    {
        if (isStream) context.Features.Get<RequestSlot>()?.BecomeStream();
    }

    /// <summary>Starts a run, and says in a header whether the idempotency key named one that was there already.</summary>
    /// <exception cref="ProblemException">The run was refused; nothing was stored.</exception>
    public static async ValueTask<RunHandle> StartRunAsync(this HttpContext context, RunCommand command)
    {
        var run = await context.Service<RunEngine>().StartAsync(command, context.RequestAborted);
        context.Features.Get<RequestSlot>()?.HoldBody(run.Completion);
        if (run.Inbox.Has(command)) context.Response.Headers[Steered] = "true";
        else if (!run.WasStartedBy(command)) context.Response.Headers[IdempotencyHeader.Replayed] = "true";
        return run;
    }

    /// <summary>Answers the request that started a run. The run is abandoned when the answer cannot be delivered.</summary>
    public static async Task WriteAsync(HttpContext context, RunHandle run, RunFormat format, AnswerMode mode)
    {
        try
        {
            if (mode == AnswerMode.Stream) await StreamAsync(context, run, format);
            else if (mode == AnswerMode.Background) await format.WriteAcceptedAsync(context, run.Record);
            else await WaitAsync(context, run, format);
        }
        catch
        {
            // The caller reads no answer now. Abandoning a run that has ended changes nothing.
            run.Abandon();
            throw;
        }
    }

    /// <summary>Streams a live run to its end.</summary>
    /// <param name="context">The request.</param>
    /// <param name="run">The run.</param>
    /// <param name="format">The interface's format.</param>
    /// <param name="after">The number of the last event that the caller has; -1 for none.</param>
    public static async Task StreamAsync(HttpContext context, RunHandle run, RunFormat format, long after = -1)
    {
        var aborted = context.RequestAborted;
        context.BecomeStreamIf(true);
        using var writer = new SseWriter(context.Response);
        // The head alone tells the caller that the run was accepted.
        if (!format.DelaysHead) await writer.FlushAsync(aborted);
        await using var reader = new EventReader(run.ReadEventsAsync(0, aborted), context.Service<TimeProvider>(), aborted);
        var pump = new RunEventPump(reader, format.CreateMapper(run.Record), writer);
        if (await pump.PumpAsync(after, aborted) is { } failure) await context.WriteProblemAsync(failure);
    }

    /// <summary>Streams the last event of a run whose events are no longer kept.</summary>
    public static async Task StreamAsync(HttpContext context, SseEvent last)
    {
        using var writer = new SseWriter(context.Response);
        writer.Append(last);
        await writer.FlushAsync(context.RequestAborted);
    }

    private static async Task WaitAsync(HttpContext context, RunHandle run, RunFormat format)
    {
        var record = await run.Completion.WaitAsync(context.RequestAborted);
        if (format.FailureOf(record) is { } failure) await context.WriteProblemAsync(failure);
        else await format.WriteAsync(context, record);
    }
}
