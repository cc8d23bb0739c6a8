using System.Diagnostics;

namespace PluginHost.Benchmarks;

/// <summary>Lets contestants take turns, so that a machine that becomes slower changes all of them.</summary>
internal static class Turns
{
    /// <summary>Measures all contestants in turns.</summary>
    /// <param name="contestants">For each of them, what measures one turn.</param>
    /// <param name="warmUp">For how long each of them takes turns before, which are not counted.</param>
    /// <param name="rounds">The number of turns of each.</param>
    /// <returns>The turns of each contestant.</returns>
    public static async Task<List<T>[]> TakeAsync<T>(IReadOnlyList<Func<Task<T>>> contestants, TimeSpan warmUp, int rounds)
    {
        var warm = Stopwatch.StartNew();
        while (warm.Elapsed < warmUp * contestants.Count)
        {
            foreach (var contestant in contestants) await contestant();
        }

        List<T>[] turns = [.. contestants.Select(_ => new List<T>())];
        for (var round = 0; round < rounds; round++)
        {
            // The order rotates, because a later turn may find another machine.
            for (var i = 0; i < contestants.Count; i++)
            {
                var next = (i + round) % contestants.Count;
                turns[next].Add(await contestants[next]());
            }
        }

        return turns;
    }
}
