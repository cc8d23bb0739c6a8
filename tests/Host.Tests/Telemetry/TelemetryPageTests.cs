using System.Diagnostics;
using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.Extensions.AI;
using OpenTelemetry.Logs;
using PluginHost.Engine.Observation;
using PluginHost.Sdk;
using PluginHost.Telemetry;
using PluginHost.Telemetry.Export;
using PluginHost.Telemetry.Metrics;
using PluginHost.Telemetry.Spans;
using PluginHost.Testing;

namespace PluginHost.Tests.Telemetry;

[Collection(TelemetryCollection.Name)]
public sealed partial class TelemetryPageTests
{
    private static readonly string[] Page = File.ReadAllLines(FindPage());

    [Fact]
    public async Task The_page_lists_exactly_what_is_emitted()
    {
        var received = await EmitEverythingAsync();

        var spans = received.Spans.Where(IsHosts).ToList();
        var points = received.Points.Where(p => IsHosts(p.Scope)).ToList();
        Assert.Equal(Section("Spans").Select(cells => KindOf(cells[0])).Order(), spans.Select(s => KindOf(s.Name)).Distinct().Order());
        Assert.Equal(
            Section("Metrics").Select(cells => $"{cells[0]} {cells[2]}").Order(), points.Select(p => $"{p.Name} {p.Unit}").Distinct().Order());
        var requests = received.Spans.Where(s => s.Name == "POST" && s.Scope.EndsWith(".requests", StringComparison.Ordinal));
        var attributes = spans.Concat(requests).SelectMany(s => s.AttributeKeys.Concat(s.Events.SelectMany(e => e.Attributes.Keys)))
            .Concat(points.SelectMany(p => p.Attributes.Keys));
        Assert.Equal(Section("Attributes").Select(cells => cells[0]).Order(), attributes.Distinct().Order());
    }

    [Fact]
    public void Every_name_of_the_code_is_on_the_page()
    {
        var page = string.Join('\n', Page);
        var names = new[] { typeof(TelemetryNames.SpanNames), typeof(TelemetryNames.Attributes), typeof(TelemetryNames.MetricNames), typeof(TelemetryNames.Units), typeof(TelemetryNames.Events) }
            .SelectMany(t => t.GetFields(BindingFlags.Public | BindingFlags.Static)).Select(f => (string)f.GetRawConstantValue()!);

        Assert.DoesNotContain(names, n => !Regex.IsMatch(page, $"`{Regex.Escape(n)}[` ]"));
    }

    /// <summary>Those that the page has in groups (…) are named as OpenTelemetry specifies them.</summary>
    [Fact]
    public void Every_variable_of_the_sdks_experiments_is_on_the_page()
    {
        var page = string.Join('\n', Page);

        Assert.DoesNotContain(
            OtelVariable.All.Select(v => v.Name), n => n.StartsWith("OTEL_DOTNET_EXPERIMENTAL_", StringComparison.Ordinal) && !page.Contains(n, StringComparison.Ordinal));
    }

    private static async Task<ReceivedTelemetry> EmitEverythingAsync()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        await using var refusing = await OtlpReceiver.StartAsync(503);
        await using var host = await TelemetryHost.StartAsync(
            receiver,
            ("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", refusing.HttpEndpoint),
            ("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", "true"));
        host.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Test").LogWarning("lost");
        host.Services.GetRequiredService<LoggerProvider>().ForceFlush();
        host.Observer.ObserveContexts(() => new Dictionary<string, LoadedContexts> { ["memory"] = new(1, 4096) });
        host.Observer.ObserveParkedRuns(() => 1);
        host.Observer.DecideApproval("assistant", "approved");
        host.Observer.RecoverRun(new(new("tenant-1", "session-1"), "run-1", "assistant"), Recovery.Resumed);
        await RunSpanTests.RunAsync(host, options: AllOptions());
        await RunSpanTests.RunAsync(host, new StubModel { Error = new InvalidOperationException("secret") });
        RunSpanTests.Resume(host.Observer);
        foreach (var kind in HostOperation.All.Where(k => k.IsObserved)) EmitOperation(host.Observer, kind);
        foreach (var operation in Enum.GetValues<ModelOperation>())
        {
            var call = new ObservedModelCall(operation, "assistant", new ChatClientMetadata("openai", new Uri("http://localhost"), "m-1"));
            host.Observer.EndModelCall(host.Observer.BeginModelCall(call), default, error: null, isComplete: true);
        }

        using (host.Services.GetRequiredService<PluginTelemetry>().GetSource("requests").StartActivity("POST", ActivityKind.Server))
        {
            host.Observer.RunAttached(new(new("tenant-1", "session-1"), "run-1", "assistant"), null, Attachment.Replayed);
            host.Observer.RefuseRequest("session-busy");
            host.Observer.RollBack(byErrors: true);
        }

        var export = host.Services.GetRequiredService<TelemetryInstruments>().Export;
        foreach (var counter in new[] { export.Dropped, export.Sent, export.Rejected }) counter.Add(1, new("pluginhost.telemetry.signal", "traces"), ExportInstruments.By("otlp"));
        host.Services.GetRequiredService<TelemetryHealth>().AddSuccess("traces", 1);
        await host.StopAsync();
        return receiver.Received;
    }

    private static void EmitOperation(HostObserver observer, HostOperation kind)
    {
        var operation = kind == HostOperation.PluginLoad
            ? new ObservedOperation(kind) { Folder = "Memory" }
            : new(kind)
            {
                Plugin = kind == HostOperation.Start ? null : ScriptedRun.Memory.Observed,
                Session = new SessionKey("tenant-1", "session-1"),
                Tool = kind == HostOperation.ToolCall ? new("remember", "Keeps a fact.", "call-1") : null,
            };
        observer.End(observer.Begin(operation), operation, new() { Restored = kind == HostOperation.SessionLoad ? false : null, IsCovered = kind == HostOperation.HistoryAppend, Tools = ["remember"], InstructionsLength = 9 });
    }

    /// <summary>A span's name without what differs: the conventions end with that, the host's names begin with it.</summary>
    private static string KindOf(string name) => name.Split(' ') switch
    {
        ["chat" or "embeddings" or "moderation" or "text_completion" or "invoke_agent" or "execute_tool", ..] words => words[0],
        var words => words[^1].Replace("pluginhost.", "", StringComparison.Ordinal),
    };

    private static ChatOptions AllOptions() => new()
    {
        Temperature = 1,
        TopP = 1,
        TopK = 1,
        MaxOutputTokens = 1,
        Seed = 1,
        FrequencyPenalty = 1,
        PresencePenalty = 1,
        StopSequences = ["stop"],
        ResponseFormat = ChatResponseFormat.Text,
        Instructions = "Be brief.",
    };

    private static bool IsHosts(ReceivedSpan span) => IsHosts(span.Scope);

    private static bool IsHosts(string scope) => scope is TelemetryNames.Scopes.Host or TelemetryNames.Scopes.GenAI;

    /// <summary>The cells of a section's table rows whose first cell is a name, without the marks of code.</summary>
    private static IEnumerable<string[]> Section(string title) => Page
        .SkipWhile(line => line != $"## {title}").Skip(1).TakeWhile(line => !line.StartsWith("## ", StringComparison.Ordinal))
        .Where(line => line.StartsWith("| `", StringComparison.Ordinal))
        .Select(line => Code().Replace(line, "$1").Split('|', StringSplitOptions.TrimEntries)[1..]);

    private static string FindPage()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "docs", "telemetry.md"))) folder = folder.Parent;
        return Path.Combine(folder.FullName, "docs", "telemetry.md");
    }

    [GeneratedRegex("`([^`]*)`")]
    private static partial Regex Code();
}
