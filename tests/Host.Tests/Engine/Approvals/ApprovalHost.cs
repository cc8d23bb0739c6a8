using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Messages;
using PluginHost.Engine.Plugins;
using PluginHost.Engine.Runs.Admission;
using PluginHost.Engine.Runs.Live;
using PluginHost.Sdk;
using PluginHost.Tests.Engine.Journal;
using static PluginHost.Tests.Engine.Journal.JournaledHost;

namespace PluginHost.Tests.Engine.Approvals;

/// <summary>Hosts with a tool that needs an approval and one that needs none, which count their calls by key.</summary>
internal sealed class ApprovalHost : IAsyncDisposable
{
    /// <summary>What "pay" says of itself; the second as a tool from JSON has it.</summary>
    private static readonly Dictionary<string, object?> Hints = new() { ["readOnlyHint"] = false, ["destructiveHint"] = JsonElement.Parse("true"), ["title"] = "Pay" };

    public JournaledHost Host { get; init; } = new();

    /// <summary>The calls of all processes: tool, arguments and key.</summary>
    public List<(string Tool, string Arguments, string Key)> Effects { get; } = [];

    public IEnumerable<string> Acted => Effects.Select(e => e.Tool);

    public PluginInstance Tools(string mark = "entry")
    {
        var (pay, look) = (Tool("pay"), Tool("look"));
        return TestEngine.Plugin(
            new Probe.Context(_ => new ContextContribution { Tools = [mark == "tool" ? new ApprovalRequiredAIFunction(pay) : pay, look] }),
            "tools",
            entry => mark == "entry" ? entry with { Approve = ["pay"] } : mark == "all" ? entry with { Approve = ["*"] } : entry);
    }

    public TestEngine Start(IChatClient model, SessionsConfiguration? settings = null) => Host.Start(settings ?? new SessionsConfiguration(), model, Tools());

    public static Func<ScriptedModel.Call, IAsyncEnumerable<ChatResponseUpdate>> Pay(int amount = 5) =>
        _ => Calls(("1", "pay", amount));

    public static IAsyncEnumerable<ChatResponseUpdate> Calls(params (string Id, string Name, int Amount)[] calls) =>
        new[]
        {
            new ChatResponseUpdate(ChatRole.Assistant, "I will.") { MessageId = "c" },
            new ChatResponseUpdate(ChatRole.Assistant, [.. calls.Select(c => new FunctionCallContent(c.Id, c.Name, new Dictionary<string, object?> { ["amount"] = c.Amount }))]) { MessageId = "c" },
        }.ToAsyncEnumerable();

    public static IAsyncEnumerable<ChatResponseUpdate> Say(string text) => new[] { new ChatResponseUpdate(ChatRole.Assistant, text) { MessageId = "d" } }.ToAsyncEnumerable();

    public static ScriptedModel PayThenSay() => new(Pay(), _ => Say("done"));

    public static IReadOnlyList<Approval> Pending(RunRecord run) => [.. ApprovalContent.In(run.Output).Where(a => a.Decision is null)];

    public static async Task<FoundApproval> DecideAsync(TestEngine engine, string id, bool approve = true, string? reason = null, string? key = null, string? arguments = null) =>
        await engine.Engine.DecideAsync(
            "default",
            new ApprovalVerdict(id, approve, reason) { Key = key, Arguments = arguments is null ? null : JsonElement.Parse(arguments), By = "ann" },
            default);

    public static async Task<ProblemException> RefusedAsync(Func<Task> act) => await Assert.ThrowsAsync<ProblemException>(act);

    public static async Task<IReadOnlyList<string>> ApprovalsAsync(TestEngine engine, string tenant = "default") =>
        [.. (await engine.Engine.ListApprovalsAsync(tenant, null, 100, default)).Items.Select(a => a.Approval.Id)];

    public static async Task<List<RunEvent>> ReadAsync(RunHandle handle, long after = 0)
    {
        using var limit = new CancellationTokenSource(Limit);
        var events = new List<RunEvent>();
        await foreach (var happened in handle.ReadEventsAsync(after, limit.Token)) events.Add(happened);
        return events;
    }

    public ValueTask DisposeAsync() => Host.DisposeAsync();

    private AIFunction Tool(string name) => AIFunctionFactory.Create(
        (int amount, AIFunctionArguments arguments) =>
        {
            lock (Effects) Effects.Add((name, $"{amount}", arguments.GetIdempotencyKey()));
            return $"{name} {amount}";
        },
        new AIFunctionFactoryOptions { Name = name, AdditionalProperties = name == "pay" ? Hints : null });
}
