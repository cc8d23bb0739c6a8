using Microsoft.Extensions.AI;
using PluginHost.Engine.Chains.Compaction;
using PluginHost.Engine.Chains.Tokens;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Messages;
using PluginHost.Engine.Runs.Admission;
using PluginHost.Engine.Runs.Live;
using PluginHost.OpenAI.Items;

namespace PluginHost.Tests.Wire;

/// <summary>What few requests have costs the others nothing, however many messages they have.</summary>
public sealed class PlainInputCostTests
{
    [Fact]
    public void Compaction_items_and_notes_that_are_not_there_allocate_nothing()
    {
        List<ChatMessage> input = [.. Enumerable.Range(0, 1000).Select(static i => new ChatMessage(ChatRole.User, $"message {i}"))];
        var command = new RunCommand { Tenant = "default", Input = input };
        var budget = new TokenBudget(new ModelConfiguration(), new ModelWindow(null));
        Look(command, input, budget);

        var before = GC.GetAllocatedBytesForCurrentThread();
        Look(command, input, budget);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static void Look(RunCommand command, List<ChatMessage> input, TokenBudget budget)
    {
        RunCommandCheck.CheckCompaction(command, CompactionSeal.OfProcess);
        Assert.False(CompactionItem.IsIn(input));
        Assert.Null(CompactionWish.Find(command.Options, input, budget));
        CallNotes.Apply(input);
    }
}
