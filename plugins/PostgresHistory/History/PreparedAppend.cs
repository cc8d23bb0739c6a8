using PluginHost.Sdk;

namespace PluginHost.Postgres;

/// <summary>An append with its messages as they are stored.</summary>
internal sealed class PreparedAppend
{
    public PreparedAppend(HistoryAppend append)
    {
        Append = append;
        Ids = StoredText.ToBytes(append.Messages.Select(static m => m.Id));
        Documents = [.. append.Messages.Select(static m => m.ToDocument().ToBytes())];
        Messages = [.. append.Messages.Select((m, i) => new StoredMessage(m.Id, m.IsPinned, Documents[i]))];
    }

    public HistoryAppend Append { get; }

    public byte[][] Ids { get; }

    public byte[][] Documents { get; }

    public StoredMessage[] Messages { get; }

    public bool HasPinned => Messages.Any(static m => m.IsPinned);

    /// <summary>What is known of the session's windows when the append is stored with a save.</summary>
    public IEnumerable<(string Source, Window Window)> Apply(string source, IEnumerable<(string Source, Window Window)> windows)
    {
        foreach (var (name, window) in windows)
        {
            if (name != source || Messages.Length == 0) yield return (name, window);
            // Another attempt may replace what the ones before have stored.
            else if (Append is { Attempt: 1, RunId: not null }) yield return (name, Append.Outcome == RunOutcome.Failed ? window : window.Add(Messages));
        }
    }
}
