using PluginHost.Cli;
using PluginHost.Engine.Observation;
using PluginHost.Native.Resources;
using PluginHost.Sdk;

namespace PluginHost.Tests.Cli;

public sealed class TraceScreenTests
{
    private const string Wide = "記憶と文脈の提供者-和文の長い名前-👩‍👩‍👧‍👦-naïve-ﷺ";

    [Theory]
    [InlineData(80)]
    [InlineData(60)]
    [InlineData(40)]
    [InlineData(1)]
    public void No_line_is_wider_than_the_screen_whatever_the_names(int width)
    {
        var lines = Draw(TraceOf(Wide, depth: 40), width);

        Assert.All(lines, l => Assert.InRange(CellText.Measure(l), 0, Math.Max(width, 20)));
        Assert.DoesNotContain(lines, l => l.Any(c => char.IsControl(c)) || l.Contains('\ufffd'));
        Assert.Contains(lines, l => l.Contains("記憶", StringComparison.Ordinal));
        Assert.Contains(lines, l => l.Contains('…'));
    }

    [Fact]
    public void The_shipped_chain_is_shown_whole_in_80_columns()
    {
        var lines = Draw(TraceOf("redaction", depth: 1), 80);

        Assert.Equal($"{"",31} start ms  took ms   own ms", lines[0]);
        Assert.Equal($"{"assistant run",-31}    0.000  12345.7           24 tokens in, 11 out", lines[1]);
        Assert.Contains(lines, l => l.StartsWith("└─ redaction middleware", StringComparison.Ordinal) && l.EndsWith("wraps model calls", StringComparison.Ordinal));
        Assert.Contains(lines, l => l.Contains("tools: remember, recall", StringComparison.Ordinal));
        Assert.Contains(lines, l => l.Contains("instructions: 120 characters", StringComparison.Ordinal));
    }

    [Fact]
    public void A_continued_run_shows_which_calls_an_earlier_attempt_made_and_does_not_count_them()
    {
        TraceSpan[] spans =
        [
            Span(-1, "assistant run", ("pluginhost.run.resumed", true), ("pluginhost.run.attempt", 2)),
            Span(0, "execute_tool one", ("gen_ai.operation.name", "execute_tool"), ("pluginhost.step.reused", true)),
            Span(0, "execute_tool two", ("gen_ai.operation.name", "execute_tool"), ("pluginhost.step.unknown", true)),
            Span(0, "execute_tool three", ("gen_ai.operation.name", "execute_tool")),
        ];

        var lines = Draw(TraceResource.From(new RunTrace(new ObservedRun(new SessionKey("default", "s1"), "run_1", "assistant"), new string('0', 32), spans)), 120);

        Assert.EndsWith("resumed, attempt 2", lines[1], StringComparison.Ordinal);
        Assert.EndsWith("reused", lines[2], StringComparison.Ordinal);
        Assert.EndsWith("made by an earlier attempt, outcome unknown", lines[3], StringComparison.Ordinal);
        Assert.Contains("1 tool call", string.Concat(lines), StringComparison.Ordinal);
    }

    [Fact]
    public void A_long_answer_is_cut_and_one_with_control_characters_cannot_move_the_cursor()
    {
        var output = new StringWriter();

        new TraceScreen(output, 40).WriteValue("answer", string.Join(' ', Enumerable.Repeat("word\u001b[2J\n", 100)));

        var lines = output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(3, lines.Length);
        Assert.EndsWith("…", lines[2], StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', output.ToString());
    }

    private static string[] Draw(TraceResource trace, int width)
    {
        var output = new StringWriter();
        var screen = new TraceScreen(output, width);
        screen.WriteTree(trace);
        screen.WriteValue("totals", TraceLines.DescribeTotals(trace));
        return output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private static TraceResource TraceOf(string plugin, int depth)
    {
        var spans = new List<TraceSpan> { Span(-1, "assistant run", ("gen_ai.usage.input_tokens", 24L), ("gen_ai.usage.output_tokens", 11L)) };
        for (var i = 0; i < depth; i++) spans.Add(Span(i, $"{plugin} middleware", ("pluginhost.plugin.kind", "chat_middleware")) with { OwnTime = TimeSpan.FromMilliseconds(1) });
        spans.Add(Span(depth, $"{plugin} context.provide", ("pluginhost.context.tools", "remember, recall"), ("pluginhost.context.instructions.length", 120), ("pluginhost.message.count", 2)));
        spans.Add(Span(depth, "chat a-model") with { IsError = true, ErrorType = "model_request_rejected" });
        return TraceResource.From(new RunTrace(new ObservedRun(new SessionKey("default", "s1"), "run_1", "assistant"), new string('0', 32), spans));
    }

    private static TraceSpan Span(int parent, string name, params (string Key, object Value)[] attributes) =>
        new(parent, name, "internal", "b7ad6b7169203331", DateTime.UnixEpoch)
        {
            Duration = TimeSpan.FromMilliseconds(12345.678),
            Attributes = [.. attributes.Select(a => KeyValuePair.Create(a.Key, a.Value))],
        };
}
