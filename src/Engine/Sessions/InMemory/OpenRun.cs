using PluginHost.Sdk;

namespace PluginHost.Engine.Sessions.InMemory;

/// <summary>A run that has not ended, with its steps.</summary>
internal sealed class OpenRun(RunRecord record)
{
    public RunRecord Record { get; set; } = record;

    public List<ReadOnlyMemory<byte>> Steps { get; } = [];

    /// <summary>The order of open runs: the oldest first.</summary>
    public static int Compare(OpenRun x, OpenRun y) => Compare(x.Record, y.Record);

    public static int Compare(RunRecord x, RunRecord y)
    {
        if (x.CreatedAt.CompareTo(y.CreatedAt) is var byTime and not 0) return byTime;
        return string.CompareOrdinal(x.Id, y.Id);
    }

    public bool IsAfter(RunPlace place)
    {
        if (Record.CreatedAt.CompareTo(place.CreatedAt) is var byTime and not 0) return byTime > 0;
        return string.CompareOrdinal(Record.Id, place.RunId) > 0;
    }
}
