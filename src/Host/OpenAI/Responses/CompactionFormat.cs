using Microsoft.Extensions.AI;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Messages;
using PluginHost.Http;
using PluginHost.Http.Streaming;
using PluginHost.OpenAI.Errors;
using PluginHost.OpenAI.Items;
using PluginHost.OpenAI.Wire;
using PluginHost.Sdk;

namespace PluginHost.OpenAI.Responses;

/// <summary>The answer to a request that compacts a conversation: the messages of the user, and the item that replaces the others.</summary>
/// <param name="conversation">What was compacted.</param>
internal sealed class CompactionFormat(IReadOnlyList<ChatMessage> conversation) : RunFormat
{
    public override Problem? FailureOf(RunRecord run) => run.Status switch
    {
        RunStatus.Cancelled => new Problem(OpenAIProblemTypes.RunCancelled, $"The run '{run.Id}' was cancelled."),
        RunStatus.Completed when !ItemsIn(run).Any() => new Problem(OpenAIProblemTypes.UnsupportedEndpoint, "A plugin of the agent's chain answered instead of the model. Use an agent without it."),
        _ => base.FailureOf(run),
    };

    public override Task WriteAsync(HttpContext context, RunRecord run)
    {
        var (key, output) = (ItemIds.KeyOf(run.Id), new List<Item>());
        var contents = ItemsIn(run).ToList();
        // A service gives the messages of the user itself.
        if (contents is [{ } single] && CompactionItem.FindSealed(single) is not null) output.AddRange(UserItems(key));
        foreach (var content in contents) output.Add(HostedItems.ToItem(WireItem.Find(content)!.Value, prefix => ItemIds.OfOutput(prefix, key, output.Count)));
        var answer = new CompactedResponse(run.Id, run.CreatedAt.ToUnixTimeSeconds(), output, ResponseBody.UsageOf(run));
        return context.WriteAsync(StatusCodes.Status200OK, answer, ResponsesJson.Default.CompactedResponse);
    }

    public override IRunEventMapper CreateMapper(RunRecord run) => throw new NotSupportedException("A compacted conversation is not streamed.");

    private static IEnumerable<AIContent> ItemsIn(RunRecord run) => run.Output.SelectMany(static m => m.Contents).Where(WireItem.Is);

    private List<Item> UserItems(string key)
    {
        var items = new List<Item>();
        foreach (var message in conversation.Where(static m => m.Role == ChatRole.User))
            items.AddRange(InputItems.From(message, (prefix, _) => ItemIds.OfOutput(prefix, key, items.Count)).OfType<MessageItem>());
        return items;
    }
}
