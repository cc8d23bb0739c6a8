using PluginHost.Files.Storage;

namespace PluginHost.Files.History;

/// <summary>The hashes of the appends in a session's file, to recognise a duplicate without reading the file.</summary>
internal sealed class HistoryIndex
{
    private readonly HashSet<UInt128> _appends = [];
    private readonly Dictionary<UInt128, int> _laterAttempts = [];

    /// <summary>The length of the indexed file in bytes.</summary>
    public long Length { get; set; }

    /// <summary>The memory of the index, counted in hashes.</summary>
    public int Weight => _appends.Count + _laterAttempts.Count + 8;

    public void Add(string? run, int attempt, int step)
    {
        if (run is null) return;
        _appends.Add(Key(run, attempt, step));
        if (attempt > 1 && attempt > HighestAttempt(run)) _laterAttempts[FileName.Digest(run)] = attempt;
    }

    /// <summary>Whether an append changes nothing: the file holds it, or a later attempt has replaced it.</summary>
    public bool Covers(HistoryAppend append) =>
        append.RunId is { } run
        && (_appends.Contains(Key(run, append.Attempt, append.Step))
            || (append.Outcome != RunOutcome.Completed && append.Attempt < HighestAttempt(run)));

    private int HighestAttempt(string run) => _laterAttempts.GetValueOrDefault(FileName.Digest(run));

    private static UInt128 Key(string run, int attempt, int step) => FileName.Digest(run, $"{attempt}/{step}");
}
