using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Messages;
using PluginHost.Engine.Runs.Admission;
using PluginHost.Engine.Sessions.Store;
using PluginHost.Http;
using PluginHost.Http.Access;
using PluginHost.OpenAI.Errors;
using PluginHost.OpenAI.Items;

namespace PluginHost.OpenAI.Responses;

/// <summary>Replaces references in an input by the items of earlier responses. For one request.</summary>
internal sealed class ItemReferences
{
    private readonly RunEngine _engine;
    private readonly string _tenant;
    private readonly string _name;
    private readonly long _maxBytes;
    private readonly CancellationToken _aborted;
    private readonly Dictionary<string, IReadOnlyList<List<AIContent>>> _responses = new(StringComparer.Ordinal);
    private long _bytes;

    private ItemReferences(HttpContext context, string name)
    {
        (_engine, _tenant, _name, _aborted) = (context.Service<RunEngine>(), Tenancy.TenantOf(context), name, context.RequestAborted);
        _maxBytes = context.Service<HostConfiguration>().Server.MaxBodyBytes;
    }

    /// <param name="context">The request.</param>
    /// <param name="input">The items; null for none.</param>
    /// <param name="name">The field that holds them, for errors.</param>
    /// <exception cref="ProblemException">400 when there are too many items, one is not known, or those that are named are too large together.</exception>
    public static async ValueTask<IReadOnlyList<ChatMessage>> ResolveAsync(HttpContext context, IReadOnlyList<ItemBody>? input, string name)
    {
        if (input is null) return [];
        var most = context.Service<HostConfiguration>().Sessions.MaxInputMessages;
        if (input.Count > most) throw ProblemException.Invalid(new ProblemError(name, $"has {input.Count} items", $"at most {most} (Sessions:MaxInputMessages)"));
        var messages = new List<ChatMessage>(input.Count);
        ItemReferences? references = null;
        for (var i = 0; i < input.Count; i++)
            messages.Add(input[i] is ReferenceBody reference ? await (references ??= new ItemReferences(context, name)).FindAsync(reference.Id, i) : input[i].ToMessage()!);
        CallNotes.Apply(messages);
        return messages;
    }

    private async ValueTask<ChatMessage> FindAsync(string id, int index)
    {
        if (ItemIds.Parse(id) is not { Kind: 'o' } place || !SessionIds.IsValid(ItemIds.ResponsePrefix + place.Key)) throw NotFound(id, index);
        var items = await ItemsOfAsync(ItemIds.ResponsePrefix + place.Key, index);
        if (place.Place >= items.Count) throw NotFound(id, index);
        var message = new ChatMessage(ChatRole.Assistant, items[place.Place]);
        Count(message, index);
        return message;
    }

    /// <summary>The items of a response, read once. None when there is no such response.</summary>
    private async ValueTask<IReadOnlyList<List<AIContent>>> ItemsOfAsync(string runId, int index)
    {
        if (_responses.TryGetValue(runId, out var known)) return known;
        var contents = new OutputItemContents();
        if (await _engine.FindRunAsync(_tenant, runId, _aborted) is { } run)
        {
            var items = new OutputItems(OutputItemList.CallersIn(run.Output), contents);
            foreach (var message in run.Output)
            {
                Count(message, index);
                items.Add(message);
            }

            items.Close();
        }

        return _responses[runId] = contents.Items;
    }

    /// <summary>A short request must not become a large one by what it names.</summary>
    private void Count(ChatMessage message, int index)
    {
        _bytes += MessageSize.Measure(message);
        if (_bytes > _maxBytes)
            throw ProblemException.Invalid(new ProblemError($"{_name}[{index}].id", "The items that the input names are too large together.", $"at most {_maxBytes} bytes with the responses that they are from (Server:MaxBodyBytes)"));
    }

    private ProblemException NotFound(string id, int index) =>
        new(OpenAIProblemTypes.ReferenceNotFound, $"Item with id '{id}' not found. Items of stored responses can be named; send others whole.")
        {
            Errors = [new ProblemError($"{_name}[{index}].id", $"Item with id '{id}' not found.")],
        };

    private sealed class OutputItemContents : IOutputSink
    {
        private List<AIContent> _open = [];

        public List<List<AIContent>> Items { get; } = [];

        public bool Continues(AIContent content) => (_open[0] is TextReasoningContent) == content is TextReasoningContent;

        public void Add(AIContent content) => _open.Add(content);

        public void AddTokens(JsonElement tokens)
        {
        }

        public void AddCall(FunctionCallContent call) => Items.Add([call]);

        public void AddNote(AIContent note) => Items.Add([note]);

        public void AddApproval(ToolApprovalRequestContent request)
        {
            // It is no message of the conversation.
        }

        public void AddHosted(AIContent item) => Items.Add([item]);

        public void Annotate(JsonElement annotations) => _open.Add(WireItem.CreateAnnotations(annotations));

        public void Separate()
        {
            if (_open is [TextReasoningContent, ..]) _open.Add(new AIContent());
        }

        public void Cut()
        {
        }

        public void Close()
        {
            Items.Add(_open);
            _open = [];
        }
    }
}
