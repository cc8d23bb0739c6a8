using PluginHost.Sdk;
using PluginHost.Shared.Caches;

namespace PluginHost.Postgres;

/// <summary>What this host knows of a session that it has. Immutable.</summary>
/// <param name="Fence">The claim under which it was read or written.</param>
/// <param name="Change">The number of the last change of the session.</param>
/// <param name="Record">Its record; null when it is not known.</param>
/// <param name="Windows">The newest messages of its histories, by their names.</param>
internal sealed record CachedSession(long Fence, long Change, SessionRecord? Record, IReadOnlyList<(string Source, Window Window)> Windows)
    : ICacheValue
{
    private const int Overhead = 1500;

    /// <summary>The approximate memory in bytes.</summary>
    public long Size => Overhead + Windows.Sum(static w => w.Window.Size) + (Record is null ? 0 : RecordSize.Measure(Record));

    public Window? FindWindow(string source)
    {
        foreach (var (name, window) in Windows)
        {
            if (name == source) return window;
        }

        return null;
    }

    /// <summary>Knows a window, in place of an earlier one of that history.</summary>
    public CachedSession With(string source, Window window) => this with { Windows = [.. Windows.Where(w => w.Source != source), (source, window)] };
}
