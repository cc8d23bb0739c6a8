using PluginHost.Files.Storage;

namespace PluginHost.Files.History;

/// <summary>
/// The hashes of the appends in a session's file, to recognise a duplicate without reading the file, and the places of its pinned messages.
/// </summary>
internal sealed class HistoryIndex
{
    private readonly HashSet<UInt128> _appends = [];
    private readonly Dictionary<UInt128, int> _laterAttempts = [];
    private readonly List<PinnedLine> _pinned = [];

    /// <summary>The length of the indexed file in bytes.</summary>
    public long Length { get; set; }

    /// <summary>The memory of the index, counted in hashes.</summary>
    public int Weight => _appends.Count + _laterAttempts.Count + (4 * _pinned.Count) + 8;

    public void Add(string? run, int attempt, int step)
    {
        if (run is null) return;
        _appends.Add(Key(run, attempt, step));
        if (attempt > 1 && attempt > HighestAttempt(run)) _laterAttempts[FileName.Digest(run)] = attempt;
    }

    /// <summary>Adds the pinned messages of a line.</summary>
    public void AddPinned(HistoryLine line, long offset, int length)
    {
        if (line.Pinned.Count > 0) _pinned.Add(new(line.Run, line.Attempt, line.Outcome, offset, length, line.Pinned));
    }

    /// <summary>The places of pinned messages that no later attempt has replaced, newest first.</summary>
    public IEnumerable<MessageLocation> FindPinned(bool includeFailed) =>
        from line in _pinned
        where (includeFailed || line.Outcome != RunOutcome.Failed) && !IsReplaced(line)
        orderby line.Offset descending
        from index in line.Indexes.OrderDescending()
        select new MessageLocation(line.Offset, line.Length, index);

    private bool IsReplaced(PinnedLine line) => line is { Run: { } run, Outcome: not RunOutcome.Completed } && HighestAttempt(run) > line.Attempt;

    /// <summary>Whether an append changes nothing: the file holds it, or a later attempt has replaced it.</summary>
    public bool Covers(HistoryAppend append) =>
        append.RunId is { } run
        && (_appends.Contains(Key(run, append.Attempt, append.Step))
            || (append.Outcome != RunOutcome.Completed && append.Attempt < HighestAttempt(run)));

    private int HighestAttempt(string run) => _laterAttempts.GetValueOrDefault(FileName.Digest(run));

    private static UInt128 Key(string run, int attempt, int step) => FileName.Digest(run, $"{attempt}/{step}");

    /// <summary>A line with pinned messages.</summary>
    private sealed record PinnedLine(string? Run, int Attempt, RunOutcome Outcome, long Offset, int Length, IReadOnlyList<int> Indexes);
}
