using PluginHost.OpenAI.Wire;
using PluginHost.Sdk;

namespace PluginHost.OpenAI.Items;

/// <summary>An item and the message that holds it.</summary>
internal sealed record SessionItem(Item Item, string MessageId, MessageOrigin Origin);

/// <summary>The messages of one run, or one other message, with their items, oldest first.</summary>
internal sealed class ItemGroup
{
    private readonly IReadOnlyList<HistoryMessage> _messages;

    private ItemGroup(IReadOnlyList<HistoryMessage> messages)
    {
        _messages = messages;
        if (messages[0].RunId is { } run) AddRun(run);
        else AddMessage(messages[0]);
    }

    public List<SessionItem> Items { get; } = [];

    public static ItemGroup From(List<HistoryMessage> messages, ListOrder order)
    {
        if (order == ListOrder.Descending) messages.Reverse();
        return new ItemGroup(messages);
    }

    public IEnumerable<Item> InOrder(ListOrder order)
    {
        var items = Items.Select(i => i.Item);
        return order == ListOrder.Descending ? items.Reverse() : items;
    }

    /// <summary>The last message in an order, after which the next group begins.</summary>
    public string Edge(ListOrder order) => order == ListOrder.Descending ? _messages[0].Id : _messages[^1].Id;

    private void AddMessage(HistoryMessage message)
    {
        foreach (var item in InputItems.From(message.Message, (prefix, place) => ItemIds.OfMessage(prefix, message.Id, place)))
            Items.Add(new SessionItem(item, message.Id, message.Origin));
    }

    private void AddRun(string runId)
    {
        var (key, inputs, taken) = (ItemIds.KeyOf(runId), 0, 0);
        var list = new OutputItemList(key);
        var items = new OutputItems(OutputItemList.CallersIn([.. _messages.Where(m => m.Origin == MessageOrigin.Output).Select(m => m.Message)]), list);
        foreach (var message in _messages)
        {
            if (message.Origin == MessageOrigin.Input) AddInput(message);
            else if (message.Origin == MessageOrigin.Output) AddOutput(message);
        }

        void AddInput(HistoryMessage message)
        {
            foreach (var item in InputItems.From(message.Message, (prefix, _) => ItemIds.OfInput(prefix, key, inputs)))
            {
                Items.Add(new SessionItem(item, message.Id, MessageOrigin.Input));
                inputs++;
            }
        }

        void AddOutput(HistoryMessage message)
        {
            items.Add(message.Message);
            items.Close();
            for (; taken < list.Items.Count; taken++) Items.Add(new SessionItem(list.Items[taken], message.Id, MessageOrigin.Output));
        }
    }
}
