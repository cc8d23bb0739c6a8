using Microsoft.Extensions.AI;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Runs.Admission;
using PluginHost.Engine.Sessions.Store;
using PluginHost.OpenAI.Errors;
using PluginHost.OpenAI.Items;

namespace PluginHost.OpenAI.Responses;

/// <summary>Replaces references in an input by the items of earlier responses.</summary>
internal static class ItemReferences
{
    /// <param name="engine">Has the runs of earlier responses.</param>
    /// <param name="tenant">The caller's.</param>
    /// <param name="input">The items; null for none.</param>
    /// <param name="name">The field that holds them, for errors.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="ProblemException">400 when an item is not known.</exception>
    public static async ValueTask<IReadOnlyList<ChatMessage>> ResolveAsync(
        RunEngine engine, string tenant, IReadOnlyList<ItemBody>? input, string name, CancellationToken cancellationToken)
    {
        var messages = new List<ChatMessage>(input?.Count ?? 0);
        foreach (var item in input ?? [])
        {
            var message = item is ReferenceBody reference ? await FindAsync(engine, tenant, reference.Id, cancellationToken) : item.ToMessage();
            messages.Add(message ?? throw NotFound(((ReferenceBody)item).Id, $"{name}[{messages.Count}].id"));
        }

        return messages;
    }

    private static ProblemException NotFound(string id, string path) =>
        new(OpenAIProblemTypes.ReferenceNotFound, $"Item with id '{id}' not found. Items of stored responses can be named; send others whole.")
        {
            Errors = [new ProblemError(path, $"Item with id '{id}' not found.")],
        };

    private static async ValueTask<ChatMessage?> FindAsync(RunEngine engine, string tenant, string id, CancellationToken cancellationToken)
    {
        if (ItemIds.Parse(id) is not { Kind: 'o' } place || !SessionIds.IsValid(ItemIds.ResponsePrefix + place.Key)) return null;
        if (await engine.FindRunAsync(tenant, ItemIds.ResponsePrefix + place.Key, cancellationToken) is not { } run) return null;
        var contents = new OutputItemContents();
        var items = new OutputItems(OutputItemList.CallersIn(run.Output), contents);
        foreach (var message in run.Output) items.Add(message);
        items.Close();
        return place.Place < contents.Items.Count ? new ChatMessage(ChatRole.Assistant, contents.Items[place.Place]) : null;
    }

    private sealed class OutputItemContents : IOutputSink
    {
        private List<AIContent> _open = [];

        public List<List<AIContent>> Items { get; } = [];

        public bool Continues(AIContent content) => (_open[0] is TextReasoningContent) == content is TextReasoningContent;

        public void Add(AIContent content) => _open.Add(content);

        public void AddCall(FunctionCallContent call) => Items.Add([call]);

        public void Close()
        {
            Items.Add(_open);
            _open = [];
        }
    }
}
