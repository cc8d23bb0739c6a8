using Microsoft.Extensions.AI;
using PluginHost.Engine.Chains.Compaction;
using PluginHost.Engine.Chains.Tokens;
using PluginHost.Engine.Chains.Tools;
using PluginHost.Engine.Explain;
using PluginHost.Engine.Messages;
using PluginHost.Sdk;

namespace PluginHost.Engine.Chains.Model;

/// <summary>What a request is made of: the context, with the source of each message, and the input.</summary>
internal sealed class RequestParts
{
    private readonly IReadOnlyList<string> _openBefore;
    private readonly HashSet<string> _histories;
    private HashSet<ChatMessage>? _staying;

    /// <param name="request">The request of the chain's last stage.</param>
    /// <param name="openBefore">Calls without a result in what the model knows already.</param>
    /// <param name="histories">The source ids of what loads.</param>
    /// <param name="view">What the model gets of a conversation that was compacted.</param>
    /// <param name="recorder">Learns what the chain has given; null for a run that is not explained.</param>
    public RequestParts(RunRequest request, IReadOnlyList<string> openBefore, HashSet<string> histories, CompactionView view, RunRecorder? recorder)
    {
        _openBefore = openBefore;
        _histories = histories;
        // A view makes a new message at each access.
        var context = new ContextMessage[request.Context.Count];
        var isCompacted = false;
        for (var i = 0; i < context.Length; i++)
        {
            context[i] = request.Context[i];
            isCompacted |= CompactionItem.IsIn(context[i].Message);
        }

        (Context, Input) = (context, InputMessages.In(request));
        recorder?.Compose([.. context.Select(c => c.Message), .. Input], openBefore);
        if (isCompacted || CompactionItem.IsIn(Input)) (Context, Input) = See(view);
        var weight = ReferenceEquals(Context, context) ? ContextList.WeightOf(request.Context) + TokenWeights.Estimate(Input) : null;
        Messages = Build(Context.Select(c => c.Message), out var isChanged);
        if (!isChanged) Weight = weight;
        for (var i = 0; i < Context.Count; i++)
        {
            if (IsLoaded(i)) LoadedCount++;
        }
    }

    public IReadOnlyList<ContextMessage> Context { get; }

    /// <summary>The indexes of the messages that were loaded, and may be left out.</summary>
    public IReadOnlyList<int> Loaded => field ??= [.. Enumerable.Range(0, Context.Count).Where(IsLoaded)];

    public int LoadedCount { get; }

    public IReadOnlyList<ChatMessage> Input { get; }

    /// <summary>The messages as the model gets them when all of them fit.</summary>
    public List<ChatMessage> Messages { get; }

    /// <summary>What the messages weigh, by an estimate; null when that is not known without reading them.</summary>
    public long? Weight { get; }

    /// <summary>The context and the input without what a compaction item replaces.</summary>
    private (IReadOnlyList<ContextMessage> Context, IReadOnlyList<ChatMessage> Input) See(CompactionView view)
    {
        var seen = view.Apply([.. Context.Select(static c => c.Message), .. Input], i => i >= Context.Count || (IsLoaded(i) && !StaysWithoutItem(Context[i])));
        return ([.. seen.Where(s => s.Index < Context.Count).Select(ToContext)], [.. seen.Where(s => s.Index >= Context.Count).Select(static s => s.Message)]);

        // Only the host gives a summary, which stays when others are left out.
        ContextMessage ToContext(SeenMessage message) => ReferenceEquals(Context[message.Index].Message, message.Message)
            ? Context[message.Index]
            : CompactionItem.IsSummary(message.Message)
                ? new ContextMessage { Message = message.Message, Source = PartSource.Host, Origin = MessageOrigin.Context }
                : Context[message.Index] with { Message = message.Message, IsKept = StaysWithoutItem(Context[message.Index]) };
    }

    /// <summary>Whether a message is kept for another reason than a compaction item in it, which is read here.</summary>
    private static bool StaysWithoutItem(ContextMessage message) => CompactionItem.IsIn(message.Message) ? PinMark.Is(message.Message) : message.IsKept;

    /// <summary>Whether a message was loaded, and may be left out.</summary>
    public bool IsLoaded(int index) => _histories.Contains(Context[index].Source);

    /// <summary>Whether a new summary may replace a message: not what is kept by configuration, nor what context providers gave. Calls go with their results.</summary>
    public bool MayReplace(ChatMessage message)
    {
        _staying ??= new(Enumerable.Range(0, Context.Count).Where(i => !IsLoaded(i) || Context[i].IsKept).Select(i => Context[i].Message).Where(IsPlain), ReferenceEqualityComparer.Instance);
        return !_staying.Contains(message);
    }

    private static bool IsPlain(ChatMessage message) =>
        !CompactionItem.IsSummary(message) && !message.Contents.Any(static c => c is FunctionCallContent or FunctionResultContent);

    /// <summary>Whether a list begins with these messages: looks at the ends only.</summary>
    public bool Begin(IReadOnlyList<ChatMessage> messages) =>
        messages.Count >= Messages.Count && (Messages.Count == 0 || (ReferenceEquals(messages[0], Messages[0]) && ReferenceEquals(messages[Messages.Count - 1], Messages[^1])));

    /// <summary>The messages of a request with another context: joined and balanced.</summary>
    public List<ChatMessage> Build(IEnumerable<ChatMessage> context) => Build(context, out _);

    private List<ChatMessage> Build(IEnumerable<ChatMessage> context, out bool isChanged)
    {
        var messages = new List<ChatMessage>(Context.Count + Input.Count + 2);
        messages.AddRange(context);
        messages.AddRange(Input);
        isChanged = NeighbouringAnswers.Join(messages);
        isChanged |= ToolCallPairing.Balance(messages, _openBefore);
        return messages;
    }
}
