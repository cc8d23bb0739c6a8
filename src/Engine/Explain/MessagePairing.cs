using Microsoft.Extensions.AI;

namespace PluginHost.Engine.Explain;

/// <summary>Finds which message of a list became which of the next one: the same object, the same id, or the same place and role.</summary>
internal static class MessagePairing
{
    /// <returns>For each message of <paramref name="now"/> its index in <paramref name="before"/>; -1 for one that is not from there.</returns>
    public static int[] Pair(IReadOnlyList<ChatMessage> before, IReadOnlyList<ChatMessage> now)
    {
        var pairs = new int[now.Count];
        var left = FindSame(before, now, pairs);
        if (left.Count == 0 || !pairs.Contains(-1)) return pairs;
        var byId = left.Where(i => before[i].MessageId is not null).GroupBy(i => before[i].MessageId!).ToDictionary(g => g.Key, g => g.First(), StringComparer.Ordinal);
        var byPlace = FindPlaces(before, left);
        var (used, place) = (new HashSet<int>(), -1);
        for (var i = 0; i < now.Count; i++)
        {
            if (pairs[i] >= 0) place = pairs[i];
            else if (now[i].MessageId is { } id && byId.TryGetValue(id, out var same) && used.Add(same)) pairs[i] = same;
            else if (byPlace.TryGetValue((place, now[i].Role), out var queue)) pairs[i] = Take(queue, used);
        }

        return pairs;
    }

    /// <returns>The messages that are not in the next list, by index.</returns>
    private static List<int> FindSame(IReadOnlyList<ChatMessage> before, IReadOnlyList<ChatMessage> now, int[] pairs)
    {
        var places = new Dictionary<ChatMessage, int>(before.Count, ReferenceEqualityComparer.Instance);
        for (var i = 0; i < before.Count; i++) places.TryAdd(before[i], i);
        for (var i = 0; i < now.Count; i++) pairs[i] = places.Remove(now[i], out var place) ? place : -1;
        return [.. places.Values.Order()];
    }

    /// <summary>The messages that are left, by the last one before them that is not, and by role.</summary>
    private static Dictionary<(int, ChatRole), Queue<int>> FindPlaces(IReadOnlyList<ChatMessage> before, List<int> left)
    {
        var places = new Dictionary<(int, ChatRole), Queue<int>>();
        var (next, anchor) = (0, -1);
        for (var i = 0; i < before.Count && next < left.Count; i++)
        {
            if (left[next] != i)
            {
                anchor = i;
                continue;
            }

            next++;
            if (!places.TryGetValue((anchor, before[i].Role), out var queue)) places[(anchor, before[i].Role)] = queue = new();
            queue.Enqueue(i);
        }

        return places;
    }

    private static int Take(Queue<int> queue, HashSet<int> used)
    {
        while (queue.TryDequeue(out var index))
        {
            if (used.Add(index)) return index;
        }

        return -1;
    }
}
