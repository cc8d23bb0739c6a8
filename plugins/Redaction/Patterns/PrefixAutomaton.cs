namespace PluginHost.Redaction;

/// <summary>
/// Tells where at the end of a text a match of a regular expression may have begun that more text could complete. Errs on
/// the side of yes: places such as word boundaries count as right. Immutable and thread-safe.
/// </summary>
internal sealed class PrefixAutomaton
{
    /// <summary>How far behind a match .NET looks at most: <c>$</c> is also right before a last line break.</summary>
    public const int Lookahead = 2;

    private const int MaxStates = 20_000;

    private readonly List<State> _states = [];
    private readonly int _start;

    /// <param name="node">Of bounded length.</param>
    /// <exception cref="FormatException">The expression is too large.</exception>
    public PrefixAutomaton(RegexNode node)
    {
        var end = Add(new(null, -1, -1));
        for (var i = 0; HasPlaces(node) && i < Lookahead; i++) end = Add(new(_ => true, end, -1));
        _start = Build(node, end);
    }

    /// <returns>The first place from <paramref name="from"/> on at which a match may have begun; the text's length when there is none.</returns>
    public int FindOpen(ReadOnlySpan<char> text, int from)
    {
        if (from >= text.Length) return text.Length;
        var (now, then) = (new Threads(_states.Count), new Threads(_states.Count));
        for (var i = from; i < text.Length; i++)
        {
            Follow(now, _start, i);
            then.Clear();
            foreach (var (state, start) in now.All)
            {
                if (_states[state].Test!(text[i])) Follow(then, _states[state].Next, start);
            }

            (now, then) = (then, now);
        }

        // Earlier starts come first all the way.
        return now.All.Count == 0 ? text.Length : now.All[0].Start;
    }

    private void Follow(Threads threads, int first, int start)
    {
        threads.Pending.Push(first);
        while (threads.Pending.TryPop(out var state))
        {
            if (!threads.Visit(state)) continue;
            var (test, next, other) = _states[state];
            if (test is not null)
            {
                threads.All.Add((state, start));
            }
            else if (other >= 0)
            {
                threads.Pending.Push(other);
                threads.Pending.Push(next);
            }
        }
    }

    private int Build(RegexNode node, int next) => node switch
    {
        RegexNode.Character character => Add(new(character.Test.Passes, next, -1)),
        RegexNode.Sequence sequence => sequence.Parts.Reverse().Aggregate(next, (after, part) => Build(part, after)),
        RegexNode.Choice choice => choice.Options.Select(o => Build(o, next)).Aggregate((a, b) => Add(new(null, a, b))),
        RegexNode.Repeat { Part.Max: > 0 } repeat => BuildRepeat(repeat, next),
        _ => next,
    };

    private int BuildRepeat(RegexNode.Repeat repeat, int next)
    {
        var start = next;
        for (var i = repeat.Least; i < repeat.Most; i++) start = Add(new(null, Build(repeat.Part, start), next));
        for (var i = 0; i < repeat.Least; i++) start = Build(repeat.Part, start);
        return start;
    }

    private int Add(State state)
    {
        if (_states.Count == MaxStates) throw new FormatException("it is too large: make its repetitions smaller");
        _states.Add(state);
        return _states.Count - 1;
    }

    private static bool HasPlaces(RegexNode node) => node switch
    {
        RegexNode.Place => true,
        RegexNode.Sequence sequence => sequence.Parts.Any(HasPlaces),
        RegexNode.Choice choice => choice.Options.Any(HasPlaces),
        RegexNode.Repeat repeat => HasPlaces(repeat.Part),
        _ => false,
    };

    /// <summary>Passes a character on to the next state; or, without a test, is two states at once; or the end.</summary>
    private readonly record struct State(Func<char, bool>? Test, int Next, int Other);

    /// <summary>States that are reached at one place, each with the earliest place it was reached from.</summary>
    private sealed class Threads(int states)
    {
        private readonly bool[] _visited = new bool[states];
        private readonly List<int> _toClear = [];

        public List<(int State, int Start)> All { get; } = [];

        /// <summary>States still to follow; empty between two calls.</summary>
        public Stack<int> Pending { get; } = [];

        public bool Visit(int state)
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
