using PluginHost.Files.Storage;

namespace PluginHost.Files.History;

/// <summary>Which appends a session's file holds, as hashes: enough to tell a repeated one without reading the file.</summary>
internal sealed class HistoryIndex
{
    private readonly HashSet<UInt128> _appends = [];
    private readonly Dictionary<UInt128, int> _laterAttempts = [];

    /// <summary>How long the file is that this index describes.</summary>
    public long Length { get; set; }

    /// <summary>How much room the index takes, in hashes.</summary>
    public int Weight => _appends.Count + _laterAttempts.Count + 8;

    public void Add(string? run, int attempt, int step)
    {
        if (run is null) return;
        _appends.Add(Key(run, attempt, step));
        if (attempt > 1 && attempt > HighestAttempt(run)) _laterAttempts[FileName.Digest(run)] = attempt;
    }

    /// <summary>Whether an append changes nothing: it is there, or what it holds has been replaced already.</summary>
    public bool Covers(HistoryAppend append) =>
        append.RunId is { } run
        && (_appends.Contains(Key(run, append.Attempt, append.Step))
            || (append.Outcome != RunOutcome.Completed && append.Attempt < HighestAttempt(run)));

    private int HighestAttempt(string run) => _laterAttempts.GetValueOrDefault(FileName.Digest(run));

    private static UInt128 Key(string run, int attempt, int step) => FileName.Digest(run, $"{attempt}/{step}");
}
