using Microsoft.Extensions.AI;
using PluginHost.Engine.Chains.Tokens;
using PluginHost.Engine.Chains.Tools;

namespace PluginHost.Engine.Chains.Model;

/// <summary>
/// The context of a request, cut to a weight. Of the loaded messages the newest stay, and those that are kept by configuration. In the older
/// half of their room, results of tools are notes.
/// </summary>
internal sealed class ContextCut
{
    private readonly RequestParts _parts;
    private readonly RequestWeight _weight;
    private readonly ChatMessage?[] _messages;
    private readonly List<LeftOutMessage> _leftOut = [];
    private readonly Dictionary<int, LeftOutMessage> _shortened = [];

    public ContextCut(RequestParts parts, RequestWeight weight)
    {
        (_parts, _weight) = (parts, weight);
        _messages = [.. parts.Context.Select(c => c.Message)];
        Loaded = [.. parts.Loaded];
    }

    /// <summary>The indexes of the loaded messages that are not left out.</summary>
    public List<int> Loaded { get; }

    /// <summary>What these weigh.</summary>
    public long LoadedWeight => Loaded.Sum(i => _weight.Of(_messages[i]!));

    /// <summary>What the messages weigh that are kept by configuration.</summary>
    public long KeptWeight => Loaded.Where(IsKept).Sum(i => _weight.Of(_messages[i]!));

    public bool HasChanged => _leftOut.Count + _shortened.Count > 0;

    public IReadOnlyList<LeftOutMessage> LeftOut => [.. _leftOut, .. _shortened.Values];

    public IEnumerable<ChatMessage> Messages => _messages.OfType<ChatMessage>();

    /// <param name="room">What the loaded messages may weigh.</param>
    /// <param name="kept">What those that are kept by configuration may weigh in any case.</param>
    public void To(long room, long kept)
    {
        long used = 0;
        foreach (var i in Loaded.Where(IsKept)) used += Take(i, Math.Max(room, kept) - used);
        var (half, newest) = (used + ((room - used) / 2), Loaded.Count - 1);
        for (; newest >= 0; newest--)
        {
            var i = Loaded[newest];
            if (IsKept(i)) continue;
            if (used + _weight.Of(_messages[i]!) > half) Shorten(i);
            if (used + _weight.Of(_messages[i]!) is var next && next > room) break;
            used = next;
        }

        LeaveOut(FirstOfTurn(newest + 1));
    }

    private bool IsKept(int index) => _parts.Context[index].IsKept;

    /// <returns>What it takes; 0 when it does not fit, and is left out.</returns>
    private long Take(int index, long room)
    {
        if (_weight.Of(_messages[index]!) > room) Shorten(index);
        if (_weight.Of(_messages[index]!) is var taken && taken <= room) return taken;
        LeaveOutOne(index);
        return 0;
    }

    /// <summary>Some models take no history that begins in the middle of a turn.</summary>
    private int FirstOfTurn(int from)
    {
        var first = from;
        while (from > 0 && first < Loaded.Count && _messages[Loaded[first]]?.Role != ChatRole.User) first++;
        return first < Loaded.Count ? first : from;
    }

    private void LeaveOut(int count)
    {
        for (var i = 0; i < count; i++)
        {
            if (_messages[Loaded[i]] is not null && !IsKept(Loaded[i])) LeaveOutOne(Loaded[i]);
        }

        Loaded.RemoveAll(i => _messages[i] is null);
    }

    private void LeaveOutOne(int index)
    {
        var message = _parts.Context[index];
        _shortened.Remove(index);
        _leftOut.Add(new(message, LeftOutReason.Fit, TokenWeights.Estimate(message.Message)));
        _messages[index] = null;
    }

    private void Shorten(int index)
    {
        if (ResultNotes.Shorten(_messages[index]!) is not { } note) return;
        _shortened[index] = new(_parts.Context[index], LeftOutReason.Shortened, _weight.Of(_messages[index]!) - _weight.Of(note));
        _messages[index] = note;
    }
}
