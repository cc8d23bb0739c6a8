namespace PluginHost.Benchmarks.OpenAI;

/// <summary>What the requests of one turn cost the process, in which server and callers run.</summary>
/// <param name="Rate">Requests a second.</param>
/// <param name="Cpu">Microseconds of the processor a request.</param>
/// <param name="Bytes">Bytes allocated a request.</param>
/// <param name="Pauses">The part of the time in which the garbage collector stopped all threads.</param>
internal sealed record TurnCost(double Rate, double Cpu, double Bytes, double Pauses)
{
    public static TurnCost MedianOf(IReadOnlyList<TurnCost> turns) => new(
        Statistics.Median([.. turns.Select(static t => t.Rate)]),
        Statistics.Median([.. turns.Select(static t => t.Cpu)]),
        Statistics.Median([.. turns.Select(static t => t.Bytes)]),
        Statistics.Median([.. turns.Select(static t => t.Pauses)]));
}
