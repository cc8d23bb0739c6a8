using PluginHost.Engine.Chains.Building;
using PluginHost.Engine.Plugins;
using PluginHost.Sdk;

namespace PluginHost.Engine.Sessions.Migration;

/// <summary>Which history of the target takes the messages of which history of the source. Immutable.</summary>
internal sealed class HistoryPairs
{
    private readonly List<(PluginInstance From, PluginInstance To)> _pairs;

    private HistoryPairs(List<(PluginInstance From, PluginInstance To)> pairs) => _pairs = pairs;

    /// <summary>The histories of the source, each at the position of its partner in <see cref="Targets"/>.</summary>
    public IEnumerable<PluginInstance> Sources => _pairs.Select(p => p.From);

    public IEnumerable<PluginInstance> Targets => _pairs.Select(p => p.To);

    public IReadOnlyList<(PluginInstance From, PluginInstance To)> All => _pairs;

    /// <summary>Matches the histories of each agent: by name, the others in the order of the chain.</summary>
    /// <exception cref="MigrationException">A history of the source has no partner, or more than one, or shares it with another.</exception>
    public static HistoryPairs Match(IReadOnlyList<PluginInstance> from, IReadOnlyList<PluginInstance> to)
    {
        var pairs = new List<(PluginInstance From, PluginInstance To)>();
        var alone = new List<PluginInstance>();
        foreach (var chain in from.Where(p => p.Agent is not null).GroupBy(p => p.Agent)) MatchChain([.. chain], [.. to.Where(p => p.Agent == chain.Key)], pairs, alone);
        pairs = [.. pairs.DistinctBy(p => (IdentityOf(p.From), IdentityOf(p.To)))];
        if (alone.Find(h => pairs.TrueForAll(p => IdentityOf(p.From) != IdentityOf(h))) is { } lone)
            throw new MigrationException($"The configuration of --to has no history for '{lone.SourceId}' of agent '{lone.Agent}'. Add an entry to the chain of that agent, with the same Name or at the same place.");
        ThrowIfDivided(pairs);
        return new(pairs);
    }

    /// <summary>The record as the target has it: it names the target's history.</summary>
    /// <exception cref="MigrationException">No chain of the source has the session's history.</exception>
    public SessionRecord Translate(SessionRecord record)
    {
        if (record.History is not { } history || history == ChainBuilder.InMemoryHistoryName) return record;
        var partner = _pairs.Find(p => p.From.SourceId == history).To
            ?? throw new MigrationException($"Its messages are in the history '{history}', which no chain of --from has. Add that history to a chain of both configurations.");
        return partner.SourceId == history ? record : record with { History = partner.SourceId };
    }

    private static void MatchChain(
        List<PluginInstance> histories, List<PluginInstance> candidates, List<(PluginInstance From, PluginInstance To)> pairs, List<PluginInstance> alone)
    {
        var others = new List<PluginInstance>();
        foreach (var history in histories)
        {
            if (candidates.Find(c => c.Entry.Name == history.Entry.Name) is not { } same)
            {
                others.Add(history);
                continue;
            }

            candidates.Remove(same);
            pairs.Add((history, same));
        }

        pairs.AddRange(others.Zip(candidates));
        alone.AddRange(others.Skip(candidates.Count));
    }

    /// <summary>Each history has one partner, and a name in a session's record leads to one.</summary>
    private static void ThrowIfDivided(List<(PluginInstance From, PluginInstance To)> pairs)
    {
        if (pairs.GroupBy(p => IdentityOf(p.To)).FirstOrDefault(g => g.Count() > 1) is { } mixed)
            throw new MigrationException($"The history '{mixed.Key.SourceId}' of --to would take the messages of {Names(mixed.Select(p => p.From))}. Give each its own Name or Options.");
        if (pairs.GroupBy(p => IdentityOf(p.From)).FirstOrDefault(g => g.Count() > 1) is { } split)
            throw new MigrationException($"The history '{split.Key.SourceId}' of --from has several partners: {Names(split.Select(p => p.To))}. Give its agents one history in --to too.");
        if (pairs.GroupBy(p => p.From.SourceId).FirstOrDefault(g => g.Select(p => p.To.SourceId).Distinct().Count() > 1) is { } ambiguous)
            throw new MigrationException($"Several histories of --from are called '{ambiguous.Key}', and their partners have different names. Give the partners one Name.");
    }

    private static string Names(IEnumerable<PluginInstance> histories) => string.Join(" and ", histories.Select(h => $"'{h.SourceId}' of agent '{h.Agent}'"));

    /// <summary>Entries with the same name and options are one history.</summary>
    private static (string SourceId, string Fingerprint) IdentityOf(PluginInstance history) => (history.SourceId, history.Fingerprint);
}
