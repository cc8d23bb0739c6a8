namespace PluginHost.Redaction;

/// <summary>
/// Finds the index at the end of a text at which a match of a regular expression may start that more text could complete. May report
/// too early an index, because it treats anchors such as word boundaries as matching. Immutable and thread-safe.
/// </summary>
internal sealed class PrefixAutomaton
{
    /// <summary>The maximum number of characters after a match that .NET reads: <c>$</c> also matches before a final line break.</summary>
    public const int Lookahead = 2;

    private const int MaxStates = 20_000;

    private readonly List<State> _states = [];
    private readonly int _start;

    /// <param name="node">An expression whose matches have a bounded length.</param>
    /// <exception cref="FormatException">The expression is too large.</exception>
    public PrefixAutomaton(RegexNode node)
    {
        var end = Add(new(null, -1, -1));
        for (var i = 0; HasAnchors(node) && i < Lookahead; i++) end = Add(new(_ => true, end, -1));
        _start = Build(node, end);
    }

    /// <returns>The first index from <paramref name="from"/> at which a match may start; the text's length when there is none.</returns>
    public int FindUndecided(ReadOnlySpan<char> text, int from)
    {
        if (from >= text.Length) return text.Length;
        var (current, next) = (new StateSet(_states.Count), new StateSet(_states.Count));
        for (var i = from; i < text.Length; i++)
        {
            AddReachable(current, _start, i);
            next.Clear();
            foreach (var (state, start) in current.All)
            {
                if (_states[state].Test!(text[i])) AddReachable(next, _states[state].Next, start);
            }

            (current, next) = (next, current);
        }

        // The set is ordered by start.
        return current.All.Count == 0 ? text.Length : current.All[0].Start;
    }

    private void AddReachable(StateSet set, int first, int start)
    {
        set.Pending.Push(first);
        while (set.Pending.TryPop(out var state))
        {
            if (!set.TryVisit(state)) continue;
            var (test, next, other) = _states[state];
            if (test is not null)
            {
                set.All.Add((state, start));
            }
            else if (other >= 0)
            {
                set.Pending.Push(other);
                set.Pending.Push(next);
            }
        }
    }

    private int Build(RegexNode node, int next) => node switch
    {
        RegexNode.Character character => Add(new(character.Matcher.IsMatch, next, -1)),
        RegexNode.Sequence sequence => sequence.Parts.Reverse().Aggregate(next, (after, part) => Build(part, after)),
        RegexNode.Choice choice => choice.Options.Select(o => Build(o, next)).Aggregate((a, b) => Add(new(null, a, b))),
        RegexNode.Repeat { Part.Max: > 0 } repeat => BuildRepeat(repeat, next),
        _ => next,
    };

    private int BuildRepeat(RegexNode.Repeat repeat, int next)
    {
        var start = next;
        for (var i = repeat.MinCount; i < repeat.MaxCount; i++) start = Add(new(null, Build(repeat.Part, start), next));
        for (var i = 0; i < repeat.MinCount; i++) start = Build(repeat.Part, start);
        return start;
    }

    private int Add(State state)
    {
        if (_states.Count == MaxStates) throw new FormatException("The expression is too large. Reduce its repetitions.");
        _states.Add(state);
        return _states.Count - 1;
    }

    private static bool HasAnchors(RegexNode node) => node switch
    {
        RegexNode.Anchor => true,
        RegexNode.Sequence sequence => sequence.Parts.Any(HasAnchors),
        RegexNode.Choice choice => choice.Options.Any(HasAnchors),
        RegexNode.Repeat repeat => HasAnchors(repeat.Part),
        _ => false,
    };

    /// <summary>
    /// With a test: moves to the next state when a character passes. Without: branches to both states, or is the end when both are
    /// negative.
    /// </summary>
    private readonly record struct State(Func<char, bool>? Test, int Next, int Other);

    /// <summary>The states that are reached at one index, each with the earliest start.</summary>
    private sealed class StateSet(int states)
    {
        private readonly bool[] _visited = new bool[states];
        private readonly List<int> _toClear = [];

        public List<(int State, int Start)> All { get; } = [];

        /// <summary>The states to visit; empty between two calls.</summary>
        public Stack<int> Pending { get; } = [];

        public bool TryVisit(int state)
        {
            if (_visited[state]) return false;
            _visited[state] = true;
            _toClear.Add(state);
            return true;
        }

        public void Clear()
        {
            foreach (var state in _toClear) _visited[state] = false;
            _toClear.Clear();
            All.Clear();
        }
    }
}
