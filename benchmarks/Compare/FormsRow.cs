using PluginHost.Benchmarks.Load;

namespace PluginHost.Benchmarks.Compare;

/// <summary>Durable runs over HTTP of hosts in several forms, each compared with one more form.</summary>
/// <param name="peer">What the others are compared with.</param>
/// <param name="forms">The others, with the lowest accepted ratio of their rate to that of the peer.</param>
internal sealed class FormsRow(HostForm peer, params (HostForm Form, double Target)[] forms)
{
    private const int Connections = 32, Messages = 100;

    public async Task<IReadOnlyList<Comparison>> MeasureAsync(CompareOptions options, CancellationToken cancellationToken)
    {
        await using var site = new CompareSite(options);
        var servers = new List<ServerProcess>();
        foreach (var form in forms.Select(f => f.Form).Append(peer)) servers.Add(await site.StartHostAsync(form, null, cancellationToken));
        var turns = await Turns.TakeAsync(
            [.. servers.Select(Func<Task<ServerTurn>> (server) => () => ServerTurn.MeasureAsync(server, Connections, Messages, options.Seconds, cancellationToken))],
            TimeSpan.FromSeconds(options.WarmUp),
            options.Rounds);
        return [.. forms.SelectMany((form, i) => Compare(form.Form, turns[i], turns[^1], form.Target))];
    }

    private IEnumerable<Comparison> Compare(HostForm form, List<ServerTurn> turns, List<ServerTurn> others, double target)
    {
        var work = $"durable runs, {Connections} connections, {form.Name}";
        yield return Comparison.Of(work, "requests/s", peer.Name, turns, others, t => t.Rate, Target.RatioOfAtLeast(target));
        yield return Comparison.Of(work, "p99, ms", peer.Name, turns, others, t => t.P99);
        yield return Comparison.Of(work, "CPU, µs a run", peer.Name, turns, others, t => t.Cpu);
    }
}
