namespace PluginHost.Knowledge.Search;

/// <summary>Joins rankings whose scores cannot be compared: each place counts 1 / (60 + rank), as in reciprocal rank fusion.</summary>
internal static class RankFusion
{
    private const double Smoothing = 60;

    /// <param name="rankings">Ids with scores, best first. Equal scores have the same rank, so that one ranking decides where the other cannot.</param>
    /// <returns>All ids, best first.</returns>
    public static IReadOnlyList<long> Fuse(params IReadOnlyList<IReadOnlyList<(long Id, double Score)>> rankings)
    {
        var scores = new Dictionary<long, double>();
        foreach (var ranking in rankings)
        {
            var rank = 1;
            for (var i = 0; i < ranking.Count; i++)
            {
                if (i > 0 && ranking[i].Score != ranking[i - 1].Score) rank = i + 1;
                scores[ranking[i].Id] = scores.GetValueOrDefault(ranking[i].Id) + (1 / (Smoothing + rank));
            }
        }

        return [.. scores.OrderByDescending(s => s.Value).ThenBy(s => s.Key).Select(s => s.Key)];
    }
}
