using Microsoft.Extensions.AI;
using PluginHost.Engine.Chains.Tokens;
using PluginHost.Engine.Chains.Tools;

namespace PluginHost.Engine.Chains.Model;

/// <summary>A request as it is sent.</summary>
/// <param name="Messages">The messages.</param>
/// <param name="Weight">What it weighs, before the model's factor.</param>
internal sealed record FittedRequest(IReadOnlyList<ChatMessage> Messages, long Weight)
{
    public int LoadedMessages { get; init; }

    public long LoadedWeight { get; init; }

    public IReadOnlyList<LeftOutMessage> LeftOut { get; init; } = [];
}

/// <summary>
/// Makes requests fit: old results of tools become notes, then the oldest loaded messages go, and at last old results of the run itself
/// become notes. Instructions, tools, input and what context providers gave stay. For one run.
/// </summary>
internal sealed class RequestFit(RequestParts parts, RequestWeight weight)
{
    private const int KeptShare = 8;

    /// <summary>What of the model's room is used: a server counts the next request of a session a little differently.</summary>
    private const double UsedShare = 0.97;

    /// <param name="messages">The messages of the parts, and what the run has added to them.</param>
    /// <param name="options">Instructions and tools.</param>
    /// <param name="tokens">How many of the server's tokens the request may have; null for any number.</param>
    /// <param name="keeps">Whether what is kept by configuration stays even if the rest alone seems too long, as far as it is small.</param>
    public FittedRequest Fit(IReadOnlyList<ChatMessage> messages, ChatOptions? options, long? tokens, bool keeps = true)
    {
        if (tokens is not { } most) return new FittedRequest(messages, 0) { LoadedMessages = parts.LoadedCount };
        if (WeightWithin(messages, options, most) is { } all)
            return new FittedRequest(messages, all) { LoadedMessages = parts.LoadedCount, LoadedWeight = all - WeightOfRest(messages, options) };
        var (room, cut) = (RoomOf(most), new ContextCut(parts, weight));
        var added = messages.Skip(parts.Messages.Count).ToList();
        var rest = WeightOfRest(messages, options);
        rest -= ShortenAdded(added, rest + cut.KeptWeight - room);
        cut.To(room - rest, keeps ? room / KeptShare : 0);
        var fitted = cut.HasChanged ? parts.Build(cut.Messages) : parts.Messages;
        return new FittedRequest([.. fitted, .. added], rest + cut.LoadedWeight)
        {
            LoadedMessages = cut.Loaded.Count,
            LoadedWeight = cut.LoadedWeight,
            LeftOut = cut.LeftOut,
        };
    }

    /// <summary>What a whole request weighs, for a server that does not say it.</summary>
    public long WeightOf(IReadOnlyList<ChatMessage> messages, ChatOptions? options) => weight.Of(options) + weight.Of(messages);

    /// <returns>The weight of the whole request; null when it does not fit.</returns>
    private long? WeightWithin(IReadOnlyList<ChatMessage> messages, ChatOptions? options, long tokens)
    {
        var estimate = TokenWeights.Estimate(options) + Estimate(messages);
        if (!weight.Decide(estimate, tokens)) return null;
        var all = weight.IsCounted ? WeightOf(messages, options) : estimate;
        return all <= RoomOf(tokens) ? all : null;
    }

    /// <summary>Reads only what was not weighed at the load, as long as the list has the parts' messages.</summary>
    private long Estimate(IReadOnlyList<ChatMessage> messages)
    {
        if (parts.Weight is not { } estimate || !Holds(messages)) return TokenWeights.Estimate(messages);
        for (var i = parts.Messages.Count; i < messages.Count; i++) estimate += TokenWeights.Estimate(messages[i]);
        return estimate;
    }

    private bool Holds(IReadOnlyList<ChatMessage> messages)
    {
        if (ReferenceEquals(messages, parts.Messages)) return true;
        if (messages.Count < parts.Messages.Count) return false;
        for (var i = 0; i < parts.Messages.Count; i++)
        {
            if (!ReferenceEquals(messages[i], parts.Messages[i])) return false;
        }

        return true;
    }

    /// <summary>What is not loaded: instructions, tools, the input, what context providers gave, and what the run has added.</summary>
    private long WeightOfRest(IReadOnlyList<ChatMessage> messages, ChatOptions? options)
    {
        var rest = weight.Of(options) + weight.Of(parts.Input);
        for (var i = parts.Messages.Count; i < messages.Count; i++) rest += weight.Of(messages[i]);
        for (var i = 0; i < parts.Context.Count && parts.LoadedCount < parts.Context.Count; i++)
        {
            if (!parts.IsLoaded(i)) rest += weight.Of(parts.Context[i].Message);
        }

        return rest;
    }

    private long RoomOf(long tokens) => (long)(tokens * UsedShare / weight.Factor);

    /// <summary>Makes notes of the run's own results, oldest first and without the last ones, until enough is saved.</summary>
    /// <returns>What was saved.</returns>
    private long ShortenAdded(List<ChatMessage> added, long tooMuch)
    {
        long saved = 0;
        var last = added.FindLastIndex(m => m.Role != ChatRole.Tool);
        for (var i = 0; i < last && saved < tooMuch; i++)
        {
            if (ResultNotes.Shorten(added[i]) is not { } note) continue;
            saved += weight.Of(added[i]) - weight.Of(note);
            added[i] = note;
        }

        return saved;
    }
}
