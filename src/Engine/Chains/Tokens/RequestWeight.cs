using Microsoft.Extensions.AI;

namespace PluginHost.Engine.Chains.Tokens;

/// <summary>
/// Weighs the messages of one run: by an estimate, or by the model's encoding once that is needed. A message is read once, however many
/// requests it is in. Not thread-safe.
/// </summary>
internal sealed class RequestWeight(ModelWindow window, CancellationToken cancellationToken)
{
    /// <summary>Text has no more tokens than twice the estimate.</summary>
    private const int Doubt = 2;

    private Dictionary<ChatMessage, long>? _counted;
    private long _most = long.MaxValue;
    private (IList<AITool>? Tools, long Weight) _tools;

    /// <summary>Whether messages are counted by the encoding, and not estimated.</summary>
    public bool IsCounted { get; private set; }

    /// <summary>What weights have to be multiplied with to be the server's tokens.</summary>
    public double Factor => window.FactorOf(IsCounted);

    /// <summary>Counts from now on when an estimate cannot say whether a request fits.</summary>
    /// <returns>False when it certainly does not.</returns>
    public bool Decide(long estimate, long tokens)
    {
        _most = tokens;
        var likely = (long)(estimate * window.FactorOf(isCounted: false));
        if (window.Encoding is null) return likely <= tokens;
        IsCounted |= likely * Doubt > tokens;
        return likely <= tokens * Doubt;
    }

    public long Of(IReadOnlyList<ChatMessage> messages)
    {
        if (!IsCounted) return TokenWeights.Estimate(messages);
        long weight = 0;
        for (var i = 0; i < messages.Count; i++) weight += Of(messages[i]);
        return weight;
    }

    public long Of(ChatMessage message)
    {
        if (!IsCounted) return TokenWeights.Estimate(message);
        _counted ??= new(ReferenceEqualityComparer.Instance);
        if (_counted.TryGetValue(message, out var weight)) return weight;
        // It cannot fit, and encoding megabytes takes seconds.
        if (TokenWeights.Estimate(message) is var estimate && estimate / Doubt > _most) return _counted[message] = estimate;
        var counter = new TokenCounter(window.Encoding!, cancellationToken);
        counter.Add(message);
        return _counted[message] = TokenWeights.PerMessage + TokenWeights.MediaOf(message) + counter.Count;
    }

    /// <summary>The weight of instructions and tools.</summary>
    public long Of(ChatOptions? options)
    {
        if (options is null) return 0;
        if (!ReferenceEquals(_tools.Tools, options.Tools)) _tools = (options.Tools, TokenWeights.Estimate(options.Tools));
        return _tools.Weight + (IsCounted ? window.Encoding!.Count(options.Instructions, cancellationToken) : TokenWeights.Estimate(options.Instructions));
    }
}
