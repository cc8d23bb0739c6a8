using System.ComponentModel;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Observation;
using PluginHost.Http.Binding;
using PluginHost.Sdk;

namespace PluginHost.Native.Resources;

/// <summary>The trace of a run as the API returns it.</summary>
internal sealed record TraceResource(
    string RunId,
    [property: AllowedText("run.trace")] string Object,
    string SessionId,
    string Agent,
    [property: AllowedText("running", "completed", "failed", "cancelled", "requires_action"), Description("Of the run; running also while it waits for its turn.")] string Status,
    [property: Description("The id of the trace, for backends that have it too; also that of the request that began the run, as x-request-id has it.")] string TraceId,
    [property: Description("When the run's own span began; start_ms of all spans counts from here.")] DateTime StartedAt,
    [property: Description("Of a run in progress: so far.")] double DurationMs,
    [property: Description("What the run did in all; of a run in progress: so far.")] TraceTotals Totals,
    [property: Description("The run's own span, with all others below it.")] SpanResource Root)
{
    [Description("When the spans of a run in progress were read; absent when it has ended.")]
    public DateTime? ReadAt { get; init; }

    [Description("The run's input, as its history stored it; absent when it stored none.")]
    public string? Input { get; init; }

    [Description("The run's answer, as its caller got it; absent when there is none, and for a run that is not stored.")]
    public string? Answer { get; init; }

    public RunErrorResource? Error { get; init; }

    [Description("What failed without ending the run. Absent when nothing did.")]
    public IReadOnlyList<PluginFailureResource>? Failures { get; init; }

    [Description("Spans that were left out because the run had too many; absent when there were none.")]
    public int? DroppedSpans { get; init; }

    /// <param name="trace">The trace.</param>
    /// <param name="run">The run's record, when the reader may see it.</param>
    /// <param name="input">Its input, when the reader may see it.</param>
    public static TraceResource From(RunTrace trace, RunRecord? run = null, string? input = null)
    {
        var children = trace.Spans.Index().ToLookup(s => s.Item.Parent, s => s.Index);
        var root = trace.Spans[0];
        var bare = run is null ? null : RunResource.Bare(run);
        var answer = run is null ? "" : string.Concat(run.Output.Where(m => m.Role == ChatRole.Assistant).Select(m => m.Text));
        return new(
            trace.RunId, "run.trace", trace.Session.Id, trace.Run.Agent, StatusOf(trace), trace.TraceId, root.Start,
            SpanResource.Milliseconds(root.Duration ?? (trace.ReadAt - root.Start) ?? default), TraceTotals.From(trace.Spans), Span(0))
        {
            ReadAt = trace.ReadAt,
            Input = string.IsNullOrEmpty(input) ? null : input,
            Answer = answer.Length == 0 ? null : answer,
            Error = bare?.Error,
            Failures = bare?.Failures,
            DroppedSpans = trace.DroppedSpans == 0 ? null : trace.DroppedSpans,
        };

        SpanResource Span(int index) => SpanResource.From(trace.Spans[index], root.Start, trace.ReadAt, [.. children[index].Select(Span)]);
    }

    private static string StatusOf(RunTrace trace) => RunResource.StatusText(trace.Record?.Status ?? RunStatus.Running);
}

/// <summary>A span of a run, with those that it contains.</summary>
internal sealed record SpanResource(
    string Name,
    [property: AllowedText("internal", "client", "server", "producer", "consumer")] string Kind,
    string SpanId,
    double StartMs,
    [property: AllowedText("ok", "error", "open")] string Status)
{
    [Description("Absent when the span is open, or was when the run ended.")]
    public double? DurationMs { get; init; }

    [Description("Of an open span of a run in progress: for how long it has been open.")]
    public double? OpenMs { get; init; }

    [Description("Of a middleware: the time that it took itself, without what it wraps.")]
    public double? OwnTimeMs { get; init; }

    [Description("The low-cardinality type of the error, as error.type has it.")]
    public string? ErrorType { get; init; }

    [Description("The span's other attributes. Content is never among them.")]
    [AnyObject]
    public required JsonObject Attributes { get; init; }

    [Description("Attributes that were left out because the run had too much; absent when there were none.")]
    public int? DroppedAttributes { get; init; }

    [Description("The spans inside this one, in the order in which they began.")]
    public required IReadOnlyList<SpanResource> Spans { get; init; }

    public static SpanResource From(TraceSpan span, DateTime start, DateTime? readAt, IReadOnlyList<SpanResource> children) =>
        new(span.Name, span.Kind, span.SpanId, Milliseconds(span.Start - start), span.IsError ? "error" : span.Duration is null ? "open" : "ok")
        {
            DurationMs = span.Duration is { } duration ? Milliseconds(duration) : null,
            OpenMs = span.Duration is null && readAt is { } now ? Milliseconds(now - span.Start) : null,
            OwnTimeMs = span.OwnTime is { } own ? Milliseconds(own) : null,
            ErrorType = span.ErrorType,
            Attributes = new JsonObject(span.Attributes.Select(a => KeyValuePair.Create(a.Key, ToJson(a.Value)))),
            DroppedAttributes = span.DroppedAttributes == 0 ? null : span.DroppedAttributes,
            Spans = children,
        };

    /// <summary>Clocks are no more precise than microseconds.</summary>
    public static double Milliseconds(TimeSpan time) => Math.Round(time.TotalMilliseconds, 3);

    private static JsonNode? ToJson(object value) => value switch
    {
        bool truth => truth,
        int number => number,
        long number => number,
        double number when double.IsFinite(number) => number,
        _ => value.ToString(),
    };
}
