using PluginHost.Engine.Explain;

namespace PluginHost.Engine.Chains.Tokens;

/// <summary>
/// How many tokens an agent's model takes, and how its tokens relate to the host's count: from the configuration, from the table of known
/// models, and learnt from what its server says. Kept until the process ends. Thread-safe.
/// </summary>
/// <param name="model">The model's name; null when it is not known.</param>
internal sealed class ModelWindow(string? model)
{
    /// <summary>A report of a smaller request says more of what the server adds than of its encoding.</summary>
    private const int LeastReport = 256;

    /// <summary>No model takes less. A message that says so repeats a text of the caller.</summary>
    private const int LeastLimit = 256;

    private const double LeastFactor = 0.5;
    private const double LargestFactor = 3;
    private const double Fall = 0.25;

    /// <summary>A report that needs this share of a factor confirms it.</summary>
    private const double Confirms = 0.95;

    /// <summary>The requests of a tool loop need different factors in turn: the largest counts, until this many reports needed less.</summary>
    private const int Patience = 16;

    private readonly Lock _gate = new();
    private readonly KnownModel? _known = KnownModel.Find(model);
    private LearnedFactor _ofEstimates = new(1);
    private LearnedFactor _ofCounts = new(1);
    private long? _learned;

    public string? Model => model;

    /// <summary>The model's encoding; null when it is not known, and its tokens are estimated.</summary>
    public TextEncoding? Encoding => _known?.Encoding;

    /// <summary>The same knowledge. What the copy learns, this one does not.</summary>
    /// <param name="known">What was known of the same model at another time; null for what is known now.</param>
    public ModelWindow Copy(KnownWindow? known = null)
    {
        var state = known is not null && known.Model == model ? known : Read();
        return new ModelWindow(model) { _ofEstimates = state.OfEstimates, _ofCounts = state.OfCounts, _learned = state.Learned };
    }

    /// <summary>What is known now.</summary>
    public KnownWindow Read()
    {
        lock (_gate) return new KnownWindow(model, _learned, _ofEstimates, _ofCounts);
    }

    /// <summary>How many tokens a request and its answer may have; null when that is not known.</summary>
    /// <param name="configured">What the configuration says; null for nothing.</param>
    public long? Find(int? configured)
    {
        var stated = configured ?? _known?.ContextTokens;
        lock (_gate) return stated is null || _learned < stated ? _learned : stated;
    }

    /// <summary>What a count of the host has to be multiplied with.</summary>
    public double FactorOf(bool isCounted)
    {
        lock (_gate) return (isCounted ? _ofCounts : _ofEstimates).Value;
    }

    /// <summary>The model's server said how many tokens a request had.</summary>
    /// <param name="weight">The host's count, before the factor.</param>
    /// <param name="isCounted">Whether it was counted by the encoding, and not estimated.</param>
    /// <param name="reported">What the server said.</param>
    public void Learn(long weight, bool isCounted, long reported)
    {
        if (weight <= 0 || reported < LeastReport) return;
        var needed = Math.Clamp((double)reported / weight, LeastFactor, LargestFactor);
        lock (_gate)
        {
            if (isCounted) _ofCounts = Follow(_ofCounts, needed);
            else _ofEstimates = Follow(_ofEstimates, needed);
        }
    }

    /// <summary>The model's server refused a request: it takes no more than this.</summary>
    /// <returns>Whether that is news.</returns>
    public bool LearnLimit(long tokens, int? configured)
    {
        lock (_gate)
        {
            if (tokens < LeastLimit || tokens >= (_learned ?? configured ?? _known?.ContextTokens ?? long.MaxValue)) return false;
            _learned = tokens;
            return true;
        }
    }

    /// <summary>Rises at once and falls late and slowly, so that light requests do not lower the estimate of others.</summary>
    private static LearnedFactor Follow(LearnedFactor factor, double needed)
    {
        if (needed >= factor.Value) return new(needed);
        if (needed >= factor.Value * Confirms) return factor with { Lower = 0 };
        return factor.Lower < Patience ? factor with { Lower = factor.Lower + 1 } : factor with { Value = factor.Value + ((needed - factor.Value) * Fall) };
    }
}
