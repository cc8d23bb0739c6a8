namespace PluginHost.Engine.Explain;

/// <summary>Follows the instructions from place to place: each place adds a part behind, or changes all of them.</summary>
internal sealed class InstructionTrail(ITokenEstimate tokens)
{
    private string _text = "";

    public IReadOnlyList<ExplainedText> Parts { get; private set; } = [];

    /// <param name="agent">The agent's own instructions.</param>
    /// <param name="all">Those that the chain begins with: the caller's follow.</param>
    public void Begin(string? agent, string? all)
    {
        if (!string.IsNullOrEmpty(agent)) Follow(agent, PartSource.Agent, null, isWithheld: false, PartState.New);
        Follow(all, PartSource.Caller, null, isWithheld: false, PartState.New);
    }

    /// <param name="now">What left the place.</param>
    /// <param name="source">What the place is.</param>
    /// <param name="plugin">Its plugin.</param>
    /// <param name="isWithheld">Whether what it got is not kept.</param>
    /// <param name="added">The state of what was added.</param>
    public void Follow(string? now, string source, string? plugin, bool isWithheld, string added = PartState.Added)
    {
        now ??= "";
        if (now == _text) return;
        var hides = isWithheld || Parts.Any(p => p.BeforeWithheld);
        if (_text.Length == 0) Parts = [Create(now, added)];
        else if (now.StartsWith($"{_text}\n", StringComparison.Ordinal)) Parts = [.. Parts, Create(now[(_text.Length + 1)..], added)];
        else Parts = [Create(now, PartState.Changed) with { Before = hides ? null : _text, BeforeWithheld = hides }];
        _text = now;

        ExplainedText Create(string text, string state) => new(text, source, plugin, state, tokens.Estimate(text));
    }

    /// <summary>The same instructions, to be followed separately.</summary>
    public InstructionTrail Fork() => new(tokens) { _text = _text, Parts = Parts };
}
