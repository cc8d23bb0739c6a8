using CsCheck;
using Microsoft.Extensions.AI;
using PluginHost.Sdk;

namespace PluginHost.Tests.Engine.Property;

/// <summary>Generated chains, runs and failures keep every promise of the oracle. A failure prints its case and seed.</summary>
public sealed class ChainPropertyTests
{
    [Fact]
    public Task Order_storage_balance_and_exactly_once_are_as_promised() =>
        ChainCase.All.SampleAsync(CheckAsync, iter: 500, threads: 1);

    private static async Task CheckAsync(ChainCase generated)
    {
        // Without a history that loads the host adds its own, first; here it is one that can be looked into.
        IReadOnlyList<Entry> chain = generated.Chain.Any(e => e.Kind == Kind.History)
            ? generated.Chain
            : [new Entry(Kind.History, Does.Pass, Stores.Input | Stores.Output, false), .. generated.Chain];
        var oracle = new Oracle(chain);
        await using var rig = new ChainRig(chain);
        foreach (var (n, turn) in generated.Turns.Index())
        {
            var (outcome, output) = oracle.Run(turn, $"input {n}");

            var run = await rig.RunAsync(turn, $"input {n}");

            Assert.Equal(outcome, run.Status switch { RunStatus.Failed => Ends.Broken, RunStatus.Cancelled => Ends.Cancelled, _ => Ends.Well });
            Assert.Equal(output, Flat(run.Output));
            Assert.Equal(oracle.Trace, rig.Trace);
            Assert.Equal(oracle.Request, rig.Model.Calls.Count == 0 ? null : Flat(rig.Model.Calls[0].Messages));
            Assert.All(rig.Model.Calls, call => AssertBalanced(call.Messages));
            Assert.Equal(Ids(rig).Distinct().Count(), Ids(rig).Count());
        }

        foreach (var (index, history) in rig.Histories)
        {
            Assert.Equal(oracle.Stored[index].SelectMany(s => s.Messages), Flat(history.Appends.SelectMany(a => a.Messages).Select(m => m.Message)));
            Assert.Equal(index == oracle.Loading ? oracle.Loads : 0, history.Loads);
        }
    }

    private static IEnumerable<(int, string)> Ids(ChainRig rig) =>
        rig.Histories.SelectMany(h => h.Value.Appends.SelectMany(a => a.Messages).Select(m => (h.Key, m.Id)));

    private static List<string> Flat(IEnumerable<ChatMessage> messages) => messages.SelectMany(m => m.Contents).Select(c => c switch
    {
        FunctionCallContent call => $"<{call.CallId}>",
        FunctionResultContent result => $"[{result.CallId}={Value($"{result.Result}")}]",
        _ => $"{c}",
    }).ToList();

    private static string Value(string result) =>
        result.StartsWith("Error", StringComparison.Ordinal) ? "error" : result.StartsWith("The call", StringComparison.Ordinal) ? "open" : result;

    private static void AssertBalanced(IEnumerable<ChatMessage> messages)
    {
        var open = new List<string>();
        foreach (var message in messages)
        {
            if (message.Role != ChatRole.Tool) Assert.Empty(open);
            foreach (var content in message.Contents)
            {
                if (content is FunctionCallContent call) open.Add(call.CallId);
                if (content is FunctionResultContent result) Assert.True(open.Remove(result.CallId), $"A result without a call: {result.CallId}.");
            }
        }

        Assert.Empty(open);
    }
}
