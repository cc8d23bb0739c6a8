using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Runs.Live;
using PluginHost.Sdk;
using PluginHost.Telemetry.Spans;
using PluginHost.Testing;
using PluginHost.Tests.Engine;
using static PluginHost.Tests.Engine.TestEngine;

namespace PluginHost.Tests.Telemetry;

/// <summary>Plants words in all that users, models, tools and plugins say, and looks for them in all that is sent.</summary>
[Collection(TelemetryCollection.Name)]
public sealed class CanaryTests
{
    private const string Raw = "kanarienvogel";
    private const string Masked = "[masked]";

    [Fact]
    public async Task Nothing_that_was_said_or_kept_is_sent_not_even_in_errors()
    {
        var received = await RunAllOutcomesAsync(command => command with
        {
            Options = new() { StopSequences = [$"stop at {Raw}"] },
            CallerTools = [AIFunctionFactory.CreateDeclaration($"ask_{Raw}", Raw, JsonElement.Parse("""{"type":"object"}"""))],
        });

        Assert.DoesNotContain(Raw, Everything(received), StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("some-tenant", Everything(received), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task What_is_captured_is_what_a_masking_plugin_left_never_what_it_saw()
    {
        var received = await RunAllOutcomesAsync(command => command, ("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", "true"));

        var inputs = received.Spans.Select(s => (string?)s.Attributes.GetValueOrDefault("gen_ai.input.messages")).OfType<string>().ToList();
        var outputs = received.Spans.Select(s => (string?)s.Attributes.GetValueOrDefault("gen_ai.output.messages")).OfType<string>().ToList();
        Assert.Contains(inputs, i => i.Contains($"the tool says {Masked}", StringComparison.Ordinal));
        Assert.Contains(outputs, o => o.Contains($"the answer is {Masked}", StringComparison.Ordinal));
        Assert.DoesNotContain(Raw, Everything(received), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task What_is_captured_is_bounded_and_stays_json()
    {
        await using var traced = await TracedEngine.StartAsync(
            new StubModel(), [], variables: [("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", "true")]);

        await traced.Tested.RunAsync(Command("s", "") with
        {
            Input = [.. Enumerable.Range(0, 50).Select(i => new ChatMessage(ChatRole.User, $"{i} {new string('x', 10_000)}"))],
        });
        var spans = (await traced.EndAsync()).Spans;

        var text = (string)spans.Single(s => s.Name == "chat stub-1").Attributes["gen_ai.input.messages"]!;
        Assert.InRange(text.Length, 30_000, 40_000);
        var messages = JsonElement.Parse(text).EnumerateArray().ToList();
        Assert.StartsWith("49 xxx", messages[^1].GetProperty("parts")[0].GetProperty("content").GetString(), StringComparison.Ordinal);
        Assert.Contains("older messages are omitted", messages[0].ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_message_of_many_parts_is_bounded_too()
    {
        var text = await CaptureAsync(new ChatMessage(ChatRole.User, [.. Enumerable.Range(0, 400).Select(i => new TextContent($"{i} {new string('x', 4000)}"))]));

        Assert.InRange(text.Length, 30_000, 40_000);
        var parts = Assert.Single(JsonElement.Parse(text).EnumerateArray()).GetProperty("parts");
        Assert.StartsWith("0 xxx", parts[0].GetProperty("content").GetString(), StringComparison.Ordinal);
        Assert.EndsWith("more parts are omitted.", parts[parts.GetArrayLength() - 1].GetProperty("content").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Parts_have_what_the_conventions_ask_for()
    {
        var text = await CaptureAsync(new ChatMessage(ChatRole.User,
        [
            new TextContent("hi"),
            new DataContent(new byte[] { 1 }, "image/png"),
            new UriContent("http://example.com/secret.pdf", "application/pdf"),
            new FunctionCallContent("c1", "ask", new Dictionary<string, object?> { ["city"] = "Rome", ["days"] = 2 }),
            new FunctionResultContent("c1", new { Warm = true }),
            new FunctionResultContent("c2", "plain"),
            new HostedFileContent("file-secret") { MediaType = "application/pdf" },
        ]));

        var parts = JsonElement.Parse(text)[0].GetProperty("parts").EnumerateArray().Select(p => p.ToString()).ToList();
        Assert.Equal(
            [
                """{"type":"text","content":"hi"}""",
                """{"type":"blob","mime_type":"image/png","modality":"image","content":""}""",
                """{"type":"uri","mime_type":"application/pdf","modality":"file","uri":""}""",
                """{"type":"tool_call","id":"c1","name":"ask","arguments":{"city":"Rome","days":2}}""",
                """{"type":"tool_call_response","id":"c1","response":{"warm":true}}""",
                """{"type":"tool_call_response","id":"c2","response":"plain"}""",
                """{"type":"file","mime_type":"application/pdf","modality":"file","file_id":""}""",
            ],
            parts);
    }

    [Fact]
    public async Task The_bound_holds_for_letters_of_three_bytes_and_for_ids_and_names_too()
    {
        var letters = await CaptureAsync([.. Enumerable.Range(0, 20).Select(i => new ChatMessage(ChatRole.User, new string('\u5b57', 4_000)))]);
        var named = await CaptureAsync(new ChatMessage(ChatRole.Assistant, [new FunctionCallContent(new string('i', 1_000_000), new string('n', 1_000_000))]));
        var tools = ContentJson.WriteTools([.. Enumerable.Range(0, 5_000).Select(i => AIFunctionFactory.CreateDeclaration($"tool_number_{i}", null, default))]);

        Assert.InRange(Encoding.UTF8.GetByteCount(letters), 30_000, 50_000);
        Assert.InRange(named.Length, 8_000, 10_000);
        Assert.InRange(tools.Length, 30_000, 40_000);
        Assert.EndsWith(" more tools", JsonElement.Parse(tools).EnumerateArray().Last().GetProperty("name").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Long_arguments_stay_an_object()
    {
        var text = await CaptureAsync(new ChatMessage(
            ChatRole.Assistant, [new FunctionCallContent("c1", "write", new Dictionary<string, object?> { ["text"] = new string('x', 10_000), ["days"] = 2 })]));

        var arguments = JsonElement.Parse(text)[0].GetProperty("parts")[0].GetProperty("arguments");
        Assert.Equal(2, arguments.GetProperty("days").GetInt32());
        Assert.StartsWith("xxx", arguments.GetProperty("text").GetString(), StringComparison.Ordinal);
    }

    private static async Task<string> CaptureAsync(params ChatMessage[] messages)
    {
        await using var traced = await TracedEngine.StartAsync(
            new StubModel(), [], variables: [("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", "true")]);
        await traced.Host.Observer.Observe(new StubModel(), "assistant").GetResponseAsync(messages);
        var spans = (await traced.EndAsync()).Spans;
        return (string)spans.Single(s => s.Name == "chat stub-1").Attributes["gen_ai.input.messages"]!;
    }

    private static async Task<ReceivedTelemetry> RunAllOutcomesAsync(Func<RunCommand, RunCommand> with, params (string, string)[] variables)
    {
        var error = new InvalidOperationException($"cannot read '{Raw}'");
        var tool = AIFunctionFactory.Create((string fact) => $"the tool says {fact}", "answer");
        var failing = AIFunctionFactory.Create(string (string fact) => throw error, "fail");
        var model = new ScriptedModel(
            _ => Call("answer"), _ => ScriptedModel.Say("the answer is ", Raw), _ => Call("fail"), _ => ScriptedModel.Break(Raw),
            _ => throw error);
        await using var traced = await TracedEngine.StartAsync(
            model,
            [
                Plugin(new Probe.History(), "history"),
                Plugin(new Mask(), "mask"),
                Plugin(new Probe.Context(_ => new() { Instructions = "Be brief.", Tools = [tool, failing] }), "memory"),
                Plugin(new Probe.Context(_ => throw error), "broken"),
            ],
            variables: variables);
        for (var i = 0; i < 3; i++)
        {
            await traced.Tested.RunAsync(with(Command("s", $"hello {Raw} {i}") with
            {
                Tenant = "some-tenant",
                Metadata = new Dictionary<string, string> { ["note"] = Raw },
            }));
        }

        return await traced.EndAsync();
    }

    private static async IAsyncEnumerable<ChatResponseUpdate> Call(string tool)
    {
        await Task.Yield();
        yield return new(ChatRole.Assistant, [new FunctionCallContent("c", tool, new Dictionary<string, object?> { ["fact"] = Raw })]) { MessageId = "c" };
    }

    private static string Everything(ReceivedTelemetry received) => string.Join(
        '\n',
        received.Spans.SelectMany(s => s.Attributes.Concat(s.Events.SelectMany(e => e.Attributes)).Select(Text).Append(s.Name).Append(s.StatusMessage))
            .Concat(received.Points.SelectMany(p => p.Attributes.Select(Text)))
            .Concat(received.Logs.SelectMany(l => l.Attributes.Select(Text).Append(l.Body))));

    private static string Text(KeyValuePair<string, object?> attribute) =>
        $"{attribute.Key}={(attribute.Value is IEnumerable<object?> items ? string.Join(',', items) : attribute.Value)}";

    /// <summary>Masks as the shipped redaction does: as run middleware input and output, as chat middleware each call of the model.</summary>
    private sealed class Mask : IRunMiddleware, IChatMiddleware
    {
        public ValueTask<RunResponse> InvokeAsync(RunRequest request, RunDelegate next, CancellationToken cancellationToken) => next(
            request with
            {
                Input = [.. request.Input.Select(MaskingClient.MaskAll)],
                Output = request.Output.Through(updates => updates.Select(
                    u => new ChatResponseUpdate(u.Role, MaskingClient.MaskAll(new(u.Role ?? ChatRole.Assistant, u.Contents)).Contents) { MessageId = u.MessageId })),
            },
            cancellationToken);

        public ValueTask<IChatClient> WrapAsync(IChatClient inner, RunRequest run, CancellationToken cancellationToken) => new(new MaskingClient(inner));
    }

    private sealed class MaskingClient(IChatClient inner) : DelegatingChatClient(inner)
    {
        public override IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
            base.GetStreamingResponseAsync([.. messages.Select(MaskAll)], options, cancellationToken);

        public static ChatMessage MaskAll(ChatMessage message) => new(message.Role, [.. message.Contents.Select(c => c switch
        {
            TextContent text => new TextContent(Hide(text.Text)),
            FunctionResultContent result => new FunctionResultContent(result.CallId, Hide(result.Result?.ToString() ?? "")),
            FunctionCallContent call => new FunctionCallContent(
                call.CallId, call.Name, call.Arguments?.ToDictionary(a => a.Key, a => (object?)Hide(a.Value?.ToString() ?? ""))),
            _ => c,
        })]);

        private static string Hide(string text) => text.Replace(Raw, Masked, StringComparison.Ordinal);
    }
}
