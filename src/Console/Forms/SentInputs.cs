namespace PluginHost.WebConsole.Forms;

/// <summary>
/// The texts of the last runs that pages began: the API returns the input of a run only when the run has ended. Bounded; a text that is
/// not here is not shown. Thread-safe.
/// </summary>
public sealed class SentInputs
{
    private const int MaxInputs = 64;
    private const int MaxLength = 16 * 1024;

    private readonly Lock _lock = new();
    private readonly Queue<(string Run, string Text)> _inputs = new();

    public void Add(string run, string text)
    {
        if (text.Length > MaxLength) return;
        lock (_lock)
        {
            _inputs.Enqueue((run, text));
            if (_inputs.Count > MaxInputs) _inputs.Dequeue();
        }
    }

    /// <summary>The texts that were sent to a run, in order: messages may be added to a run in progress.</summary>
    public IReadOnlyList<string> Find(string run)
    {
        lock (_lock) return [.. _inputs.Where(i => i.Run == run).Select(i => i.Text)];
    }
}
