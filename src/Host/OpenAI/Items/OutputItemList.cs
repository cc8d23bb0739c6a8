using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Messages;
using PluginHost.OpenAI.Wire;
using PluginHost.Sdk;

namespace PluginHost.OpenAI.Items;

/// <summary>Collects the complete items of an output.</summary>
internal sealed class OutputItemList(string runKey) : IOutputSink
{
    private readonly List<Item> _items = [];
    private List<JsonElement>? _tokens;
    private static readonly Func<FunctionCallContent, bool> AllAreCallers = static _ => true;

    private readonly List<OpenPart> _parts = [];
    private int _approvals;
    private string? _encrypted;
    private bool _isCut;
    private bool _isSeparate;
    private Dictionary<string, JsonElement>? _members;

    public IReadOnlyList<Item> Items => _items;

    /// <summary>The next item's place in ids. Approvals have none: histories do not keep them.</summary>
    public int Place => _items.Count - _approvals;

    /// <summary>The part that is being written, with its text so far.</summary>
    public Part LastPart => _parts[^1].ToPart();

    /// <summary>The items of messages, in order.</summary>
    public static List<Item> From(string runId, IReadOnlyList<ChatMessage> messages, Func<FunctionCallContent, bool> isCallers)
    {
        var list = new OutputItemList(ItemIds.KeyOf(runId));
        var items = new OutputItems(isCallers, list);
        for (var i = 0; i < messages.Count; i++) items.Add(messages[i]);
        items.Close();
        return list._items;
    }

    /// <summary>The items of a run's output.</summary>
    public static List<Item> From(RunRecord run) => From(run.Id, run.Output, CallersIn(run.Output));

    /// <summary>A call that has its result in the same output was run by the host; one that waits for an approval will be.</summary>
    public static Func<FunctionCallContent, bool> CallersIn(IReadOnlyList<ChatMessage> output)
    {
        if (!HasCalls(output)) return AllAreCallers;
        // By place, not by id: some models number their calls from the start in every message.
        var answered = new HashSet<AIContent>(ReferenceEqualityComparer.Instance);
        var open = new Dictionary<string, Queue<FunctionCallContent>>(StringComparer.Ordinal);
        foreach (var content in output.SelectMany(static m => m.Contents))
        {
            if (content is FunctionCallContent call)
            {
                if (!open.TryGetValue(call.CallId, out var calls)) open[call.CallId] = calls = new Queue<FunctionCallContent>();
                calls.Enqueue(call);
            }
            else if (content is FunctionResultContent result && open.TryGetValue(result.CallId, out var waiting) && waiting.TryDequeue(out var first))
            {
                answered.Add(first);
            }
        }

        var undecided = ApprovalContent.CallsIn(output);
        return call => !answered.Contains(call) && !undecided.Contains(call.CallId);
    }

    public bool Continues(AIContent content) => _parts.Count > 0 && (_parts[0].Kind == typeof(TextReasoningContent)) == content is TextReasoningContent;

    public void Add(AIContent content)
    {
        var kind = content.GetType();
        var isNext = _isSeparate && content is TextReasoningContent { Text.Length: > 0 };
        if (isNext) _isSeparate = false;
        if (_parts.Count == 0 || _parts[^1].Kind != kind || isNext) _parts.Add(new OpenPart(kind));
        _parts[^1].Add(OutputText.TextOf(content));
        if (content is TextContent && _tokens is not null)
        {
            (_parts[^1].Tokens ??= []).AddRange(_tokens);
            _tokens = null;
        }

        if (content is TextReasoningContent reasoning) _encrypted = ReasoningEnvelope.Write(reasoning) ?? _encrypted;
        else _members ??= BesideContent.MembersOfItem(content);
    }

    public void AddTokens(JsonElement tokens) => (_tokens ??= []).AddRange(LogProbabilities.TokensOf(tokens));

    public void AddCall(FunctionCallContent call) => _items.Add(WireContent.IsCustom(call)
        ? new CustomCallItem(ItemIds.OfOutput(ItemIds.Custom, runKey, Place), call.CallId, call.Name, CallArguments.ToCustomInput(call), "completed") { Members = BesideContent.MembersOf(call) }
        : new FunctionCallItem(ItemIds.OfOutput(ItemIds.Call, runKey, Place), call.CallId, call.Name, CallArguments.ToText(call), "completed")
        {
            Members = BesideContent.MembersOf(call),
        });

    public void AddNote(AIContent note) =>
        _items.Add(new ReasoningItem(ItemIds.OfOutput(ItemIds.Reasoning, runKey, Place), [], "completed") { EncryptedContent = ReasoningEnvelope.WriteNote(note) });

    public void AddApproval(ToolApprovalRequestContent request)
    {
        _items.Add(ApprovalItems.ToItem(request));
        _approvals++;
    }

    public void AddHosted(AIContent item) =>
        _items.Add(HostedItems.ToItem(WireItem.Find(item)!.Value, prefix => ItemIds.OfOutput(prefix, runKey, Place)));

    public void Annotate(JsonElement annotations)
    {
        if (_parts is [.., { } part]) (part.Annotations ??= []).AddRange(annotations.EnumerateArray());
    }

    public void Separate() => _isSeparate = _parts is [{ HasText: true }, ..];

    public void Cut() => _isCut = true;

    public void Close()
    {
        if (_parts[0].Kind == typeof(TextReasoningContent))
        {
            Part[] summary = [.. _parts.Where(static p => p.HasText).Select(static p => new SummaryPart(p.Text))];
            _items.Add(new ReasoningItem(ItemIds.OfOutput(ItemIds.Reasoning, runKey, Place), summary, "completed") { EncryptedContent = _encrypted });
        }
        else
        {
            var id = ItemIds.OfOutput(ItemIds.Message, runKey, Place);
            _items.Add(new MessageItem(id, _isCut ? "incomplete" : "completed", "assistant", _parts.ConvertAll(static p => p.ToPart())) { Members = _members });
        }

        _parts.Clear();
        (_encrypted, _members, _isCut, _isSeparate) = (null, null, false, false);
    }

    private static bool HasCalls(IReadOnlyList<ChatMessage> output)
    {
        for (var i = 0; i < output.Count; i++)
        {
            var contents = output[i].Contents;
            for (var j = 0; j < contents.Count; j++)
            {
                if (contents[j] is FunctionCallContent or ToolApprovalRequestContent) return true;
            }
        }

        return false;
    }

    /// <summary>A part that is being written. Most are one piece of text, and need nothing to join it.</summary>
    private sealed class OpenPart(Type kind)
    {
        private string? _first;
        private StringBuilder? _joined;

        public Type Kind { get; } = kind;

        public List<JsonElement>? Annotations { get; set; }

        public List<JsonElement>? Tokens { get; set; }

        public bool HasText => _first is { Length: > 0 };

        public string Text => _joined?.ToString() ?? _first ?? "";

        public void Add(string? text)
        {
            if (string.IsNullOrEmpty(text)) return;
            if (_first is null) _first = text;
            else (_joined ??= new StringBuilder(_first)).Append(text);
        }

        public Part ToPart()
        {
            var part = OutputText.PartOf(Kind, Text);
            return (Annotations ?? Tokens) is not null && part is OutputTextPart text ? text with { Annotations = [.. Annotations ?? []], LogProbabilities = [.. Tokens ?? []] } : part;
        }
    }
}
