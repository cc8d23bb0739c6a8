using PluginHost.Knowledge.Folders;

namespace PluginHost.Knowledge.Indexing;

/// <summary>The files that were skipped in this process. One that cannot be read is tried again when it changes, and named once.</summary>
internal sealed class SkippedFiles
{
    private readonly Dictionary<(long Scope, string Path), string> _reasons = [];
    private readonly Dictionary<(long Scope, string Path), (long Size, long Modified)> _kept = [];

    public bool Has(long scope, FoundFile file) => _kept.TryGetValue((scope, file.Path), out var kept) && kept == (file.Size, file.Modified);

    public void Keep(long scope, FoundFile file) => _kept[(scope, file.Path)] = (file.Size, file.Modified);

    /// <summary>The file can be read now. When it is skipped again, it is named again.</summary>
    public void Forget(long scope, string path)
    {
        _reasons.Remove((scope, path));
        _kept.Remove((scope, path));
    }

    public bool IsNew(long scope, string path, string reason)
    {
        if (_reasons.TryGetValue((scope, path), out var known) && known == reason) return false;
        _reasons[(scope, path)] = reason;
        return true;
    }
}
