using System.Globalization;

namespace PluginHost.EndToEnd.Kills;

/// <summary>What a model does in a run: steps with calls of tools, and a last one with text only. The input of the run says all of it.</summary>
/// <param name="Id">The run's name in the test.</param>
/// <param name="Seed">Decides the steps.</param>
/// <param name="HasStableIds">Whether an answer and its calls have the same ids when the model is asked again.</param>
internal sealed record LoopTask(string Id, int Seed, bool HasStableIds)
{
    public string Input => $"{Id} {Seed} {HasStableIds}";

    public IReadOnlyList<LoopStep> Steps => field ??= CreateSteps();

    public string Text => string.Concat(Steps.SelectMany(s => s.Pieces));

    public static LoopTask From(string input) =>
        input.Split(' ') is [var id, var seed, var stable] ? new(id, int.Parse(seed, CultureInfo.InvariantCulture), bool.Parse(stable)) : throw new FormatException(input);

    private List<LoopStep> CreateSteps()
    {
        var random = new Random(Seed);
        var steps = new List<LoopStep>();
        for (var i = random.Next(1, 4); i >= 0; i--) steps.Add(CreateStep(random, steps.Count, isLast: i == 0));
        return steps;
    }

    private LoopStep CreateStep(Random random, int step, bool isLast)
    {
        List<string> pieces = [.. Enumerable.Range(0, random.Next(isLast ? 40 : 15)).Select(i => $"{step}.{i} ")];
        List<LoopCall> calls = [.. Enumerable.Range(0, isLast ? 0 : random.Next(1, 4)).Select(i => new LoopCall($"{Id}/{step}/{i}", random.Next(3) == 0 ? "look" : "charge"))];
        return new LoopStep(isLast ? [.. pieces, "done"] : pieces, calls);
    }
}

/// <summary>One answer of the model.</summary>
/// <param name="Pieces">Its text, as it is streamed.</param>
/// <param name="Calls">The calls behind the text.</param>
internal sealed record LoopStep(IReadOnlyList<string> Pieces, IReadOnlyList<LoopCall> Calls);

/// <summary>A call of a tool.</summary>
/// <param name="Effect">The effect, which no other call has.</param>
/// <param name="Tool"><c>charge</c> must act once, <c>look</c> may act again.</param>
internal sealed record LoopCall(string Effect, string Tool);
