using PluginHost.WebConsole.Api;

namespace PluginHost.WebConsole.Views;

/// <summary>A span as a row of a waterfall.</summary>
/// <param name="Span">The span.</param>
/// <param name="Depth">How many spans it is inside of.</param>
/// <param name="Took">Its time, so far when it is open.</param>
/// <param name="Self">Its time without the spans inside of it.</param>
public sealed record WaterfallRow(ApiSpan Span, int Depth, double Took, double Self);

/// <summary>The spans of a trace in the order of their beginnings. Immutable.</summary>
/// <param name="Rows">One for each span.</param>
/// <param name="Length">The time that the width is, in milliseconds.</param>
public sealed record Waterfall(IReadOnlyList<WaterfallRow> Rows, double Length)
{
    public static Waterfall From(ApiTrace trace)
    {
        var rows = new List<WaterfallRow>();
        Add(trace.Root, 0);
        return new(rows, Math.Max(rows.Max(r => r.Span.StartMs + r.Took), 0.001));

        void Add(ApiSpan span, int depth)
        {
            var took = Took(span);
            rows.Add(new(span, depth, took, span.OwnTimeMs ?? Math.Max(0, took - Covered(span))));
            foreach (var inner in span.Spans) Add(inner, depth + 1);
        }
    }

    private static double Took(ApiSpan span) => span.DurationMs ?? span.OpenMs ?? 0;

    /// <summary>How long at least one inner span was open: they may overlap.</summary>
    private static double Covered(ApiSpan span)
    {
        var (covered, until) = (0.0, span.StartMs);
        var end = span.StartMs + Took(span);
        foreach (var inner in span.Spans.OrderBy(s => s.StartMs))
        {
            var last = Math.Min(inner.StartMs + Took(inner), end);
            if (last <= until) continue;
            covered += last - Math.Max(inner.StartMs, until);
            until = last;
        }

        return covered;
    }
}
