namespace PluginHost.Tests.Engine.Property;

/// <summary>
/// What is promised of a chain, as a small recursive program. Text is itself, a call <c>&lt;id&gt;</c>, a result
/// <c>[id=value]</c>; plugins are their positions.
/// </summary>
internal sealed class Oracle(IReadOnlyList<Entry> chain)
{
    private readonly List<(int Index, List<string> Received, List<string> Returned)> _entered = [];
    private (List<string> Input, List<(string Text, bool Given)> Context) _innermost;
    private Turn _turn = null!;

    public Dictionary<int, List<(Ends Outcome, List<string> Messages)>> Stored { get; } =
        Enumerable.Range(0, chain.Count).Where(i => chain[i].Kind == Kind.History).ToDictionary(i => i, _ => new List<(Ends, List<string>)>());

    public List<string> Trace { get; } = [];

    /// <summary>What the model is sent first in the run; null when it is not reached.</summary>
    public List<string>? Request { get; private set; }

    public int Loads { get; private set; }

    public int Loading { get; } = chain.Index().First(e => e.Item.Kind == Kind.History).Index;

    public (Ends Outcome, List<string> Output) Run(Turn turn, string input)
    {
        (_turn, Request) = (turn, null);
        _entered.Clear();
        Trace.Clear();
        var output = new List<string>();
        var outcome = Enter(0, [input], [], output.Add);
        foreach (var (index, received, returned) in Enumerable.Reverse(_entered))
        {
            if (chain[index].Kind == Kind.Context) Trace.Add($"observe {index} {outcome}");
            else if (Chosen(chain[index].Stores, outcome, received, returned) is { Count: > 0 } messages)
            {
                Trace.Add($"append {index} {outcome}");
                Stored[index].Add((outcome, messages));
            }
        }

        return (outcome, outcome == Ends.Broken ? [] : Joined(output));
    }

    private Ends Enter(int i, List<string> input, List<(string Text, bool Given)> context, Action<string> write)
    {
        _innermost = (input, context);
        if (i == chain.Count) return CallModel(write);
        var returned = new List<string>();
        if (chain[i].Kind is Kind.History or Kind.Context) _entered.Add((i, input, returned));
        Action<string> own = returned.Add;
        own += write;
        switch (chain[i].Kind, chain[i].Does)
        {
            case (Kind.History, _):
                if (i == Loading) Loads++;
                return Enter(i + 1, input, i == Loading ? [.. context, .. Loaded(i)] : context, own);
            case (Kind.Context, var does):
                Trace.Add($"{i}>");
                return Enter(i + 1, input, does == Does.ThrowBefore ? context : [.. context, ($"context {i}", true)], own);
            case (Kind.Function, _):
                return Enter(i + 1, input, context, write);
        }

        Trace.Add($"{i}>");
        switch (chain[i].Does)
        {
            case Does.ThrowBefore:
                return chain[i].Skip ? Enter(i + 1, input, context, write) : Ends.Broken;
            case Does.Answer:
                write($"answer {i}");
                return Ends.Well;
            case Does.Change:
                return Left(Enter(i + 1, input.ConvertAll(t => $"{t}+{i}"), context, t => write(IsText(t) ? $"{t}~{i}" : t)), i);
            case var does:
                var outcome = Enter(i + 1, input, context, write);
                return does == Does.ThrowAfter ? outcome : Left(outcome, i);
        }
    }

    private Ends Left(Ends outcome, int i)
    {
        if (outcome == Ends.Well) Trace.Add($"<{i}");
        return outcome;
    }

    private Ends CallModel(Action<string> write)
    {
        Request = [.. _innermost.Context.Select(c => c.Text), .. _innermost.Input];
        for (var call = 0; call <= _turn.ToolCalls; call++)
        {
            Trace.Add($"model {call}");
            var items = Enumerable.Range(0, _turn.Chunks).Select(k => $"said {call}.{k} ").ToList();
            // A call whose message broke off was never made, so nothing of it is seen.
            (_turn.BreaksIn(call) ? items.Take(_turn.AfterItems).ToList() : items).ForEach(write);
            if (_turn.BreaksIn(call)) return _turn.Ends;
            if (call == _turn.ToolCalls) continue;
            write($"<{call}>");
            var result = CallTool(0, _turn.IsCancelledInTool(call));
            write($"[{call}={result}]");
            if (result == "open") return Ends.Cancelled;
        }

        return Ends.Well;
    }

    private string CallTool(int i, bool isCancelled)
    {
        while (i < chain.Count && chain[i].Kind != Kind.Function) i++;
        if (i == chain.Count)
        {
            Trace.Add("tool");
            return isCancelled ? "open" : _turn.ToolThrows ? "error" : "done";
        }

        Trace.Add($"{i}>");
        if (chain[i].Does == Does.ThrowBefore && !chain[i].Skip) return "error";
        if (chain[i].Does == Does.Answer) return $"answer {i}";
        var result = CallTool(i + 1, isCancelled);
        if (result is "error" or "open" || chain[i].Does is Does.ThrowAfter or Does.ThrowBefore) return result;
        Trace.Add($"<{i}");
        return chain[i].Does == Does.Change ? $"{result}~{i}" : result;
    }

    private List<string> Chosen(Stores stores, Ends outcome, List<string> received, List<string> returned) =>
    [
        .. stores.HasFlag(Stores.Input) ? stores.HasFlag(Stores.AsReceived) ? received : _innermost.Input : [],
        .. stores.HasFlag(Stores.Context) ? _innermost.Context.Where(c => c.Given).Select(c => c.Text) : [],
        .. stores.HasFlag(Stores.Output) && outcome != Ends.Broken ? Joined(returned) : [],
    ];

    private IEnumerable<(string Text, bool Given)> Loaded(int i) =>
        Stored[i].Where(s => s.Outcome != Ends.Broken).SelectMany(s => s.Messages).Select(m => (m, false));

    private static bool IsText(string item) => item[0] is not ('<' or '[');

    private static List<string> Joined(List<string> items)
    {
        var joined = new List<string>();
        foreach (var item in items)
        {
            if (joined.Count > 0 && IsText(item) && IsText(joined[^1])) joined[^1] += item;
            else joined.Add(item);
        }

        return joined;
    }
}
