using Microsoft.Extensions.AI;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Sessions.InMemory;
using PluginHost.Sdk;
using PluginHost.Tests.Engine;

namespace PluginHost.Tests.Access.Cost;

/// <summary>What it costs to keep a request within the tokens that its model takes.</summary>
[Collection(MeasuringCollection.Name)]
public sealed class FitCostTests
{
    private const int Runs = 20;
    private const double MaxRatio = 1.1;

    [Theory]
    [InlineData(100)]
    [InlineData(10_000)]
    public async Task Loading_by_tokens_allocates_about_what_loading_by_count_does(int messages)
    {
        var byCount = await MeasureAsync(messages, tokens: null);
        var byTokens = await MeasureAsync(messages, tokens: 10_000_000);

        Assert.True(byTokens <= byCount * MaxRatio, $"{byTokens} bytes a run by tokens, {byCount} by count.");
    }

    private static async Task<long> MeasureAsync(int messages, int? tokens)
    {
        var history = new InMemoryHistory();
        var agent = new AgentConfiguration("assistant") { Model = new ModelConfiguration { ContextTokens = tokens } };
        await using var engine = new TestEngine(
            ScriptedModel.Saying("ok"), [TestEngine.Plugin(history, "history", e => e with { Window = messages })], agent: agent);
        await history.AppendAsync(new HistoryAppend { Session = TestEngine.Key("s"), Messages = [.. Enumerable.Range(0, messages).Select(Message)] }, CancellationToken.None);
        await engine.RunAsync("s", "hi");

        var before = GC.GetTotalAllocatedBytes(precise: true);
        for (var i = 0; i < Runs; i++) await engine.RunAsync("s", "hi");
        return (GC.GetTotalAllocatedBytes(precise: true) - before) / Runs;
    }

    private static HistoryMessage Message(int index) => new()
    {
        Id = $"m{index}",
        Origin = index % 2 == 0 ? MessageOrigin.Input : MessageOrigin.Output,
        Message = new ChatMessage(index % 2 == 0 ? ChatRole.User : ChatRole.Assistant, $"Message {index} of this session, with some words in it."),
    };
}
