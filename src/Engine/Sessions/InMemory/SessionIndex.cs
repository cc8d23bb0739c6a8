using PluginHost.Sdk;

namespace PluginHost.Engine.Sessions.InMemory;

/// <summary>
/// The ids of a tenant's sessions in the order of a time, then of the ids themselves. A session that moves or goes leaves its place behind: readers skip it, and all such places are removed once
/// they are as many as the others, so that a change costs the same however many sessions there are. Not thread-safe.
/// </summary>
/// <param name="find">Finds a session by its id.</param>
/// <param name="timeOf">The time of a session.</param>
internal sealed class SessionIndex(Func<string, SessionRecord?> find, Func<SessionRecord, DateTimeOffset> timeOf)
{
    private const int LeastLeft = 64;

    // Of a deleted session, no more than its id and time stay until its place is removed. A tree would have an object for each session.
    private readonly List<Place> _places = [];
    private int _left;

    // Places that were left are mostly the oldest, where most pages begin: readers must not skip the same ones again and again.
    private int _skipped;

    /// <summary>Adds a new session, or one whose time has changed.</summary>
    public void Add(SessionRecord session)
    {
        var place = PlaceOf(session);
        if (_places.Count == 0 || place.CompareTo(_places[^1]) > 0) _places.Add(place);
        else if (_places.BinarySearch(place) is < 0 and var index) _places.Insert(~index, place);
    }

    /// <summary>A session is no longer where it was.</summary>
    public void Leave()
    {
        if (++_left >= LeastLeft && 2 * _left >= _places.Count) RemoveLeft();
    }

    /// <summary>Reads sessions one by one. Nothing may change meanwhile, and one reader at a time.</summary>
    /// <param name="from">The first one, or one of another tenant; null for no bound.</param>
    /// <param name="to">The last one, or one of another tenant; null for no bound.</param>
    /// <param name="earlierThan">Only those of an earlier time; null for no bound.</param>
    /// <param name="isBackwards">Whether the last one comes first.</param>
    public IEnumerable<SessionRecord> Read(SessionRecord? from, SessionRecord? to, DateTimeOffset? earlierThan, bool isBackwards)
    {
        if (_skipped > _places.Count) RemoveLeft();
        var begin = from is null ? 0 : IndexOf(PlaceOf(from));
        var end = to is null ? _places.Count : IndexBehind(PlaceOf(to));
        // No id comes before the empty one.
        if (earlierThan is { } time) end = Math.Min(end, IndexOf(new(time.UtcTicks, "")));
        for (var i = 0; i < end - begin; i++)
        {
            if (FindAt(_places[isBackwards ? end - 1 - i : begin + i]) is { } session) yield return session;
            else _skipped++;
        }
    }

    private void RemoveLeft()
    {
        _places.RemoveAll(place => FindAt(place) is null);
        (_left, _skipped) = (0, 0);
    }

    private Place PlaceOf(SessionRecord session) => new(timeOf(session).UtcTicks, session.Key.Id);

    /// <summary>The session that is at a place now; null when it has left.</summary>
    private SessionRecord? FindAt(Place place) => find(place.Id) is { } session && timeOf(session).UtcTicks == place.Ticks ? session : null;

    private int IndexOf(Place place) => _places.BinarySearch(place) is var index && index < 0 ? ~index : index;

    private int IndexBehind(Place place) => _places.BinarySearch(place) is var index && index < 0 ? ~index : index + 1;

    private readonly record struct Place(long Ticks, string Id) : IComparable<Place>
    {
        public int CompareTo(Place other) => Ticks != other.Ticks ? Ticks.CompareTo(other.Ticks) : string.CompareOrdinal(Id, other.Id);
    }
}
