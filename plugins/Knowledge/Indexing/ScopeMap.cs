using System.Collections.Concurrent;
using PluginHost.Knowledge.Storage;

namespace PluginHost.Knowledge.Indexing;

/// <summary>The ids of folders and of their tenants in the index. Thread-safe.</summary>
internal sealed class ScopeMap
{
    private readonly ConcurrentDictionary<(string Folder, string Tenant), long> _ids = new();

    /// <summary>Reads what is indexed, so that it can be searched before the folders were looked at.</summary>
    public void Load(IndexDatabase database)
    {
        foreach (var (folder, tenant, id) in database.ListScopes()) _ids[(folder, tenant)] = id;
    }

    public long? Find(string folder, string tenant) => _ids.TryGetValue((folder, tenant), out var id) ? id : null;

    public long Add(string folder, string tenant, long id) => _ids[(folder, tenant)] = id;

    /// <summary>The scopes that a run of a tenant may see.</summary>
    public IReadOnlyList<long> FindFor(KnowledgeSource source, string tenant) =>
        [.. source.Folders.Select(f => Find(f.Key, f.Template.IsPerTenant ? tenant : "")).OfType<long>()];
}
