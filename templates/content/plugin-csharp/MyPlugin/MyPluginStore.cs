using System.ComponentModel.DataAnnotations;
using PluginHost.Sdk;

[assembly: Plugin("my-plugin", typeof(MyPlugin.MyPluginStore), Options = typeof(MyPlugin.MyPluginOptions))]

namespace MyPlugin;

/// <summary>Options of <c>my-plugin</c>.</summary>
/// <param name="Path">The folder of the files.</param>
public sealed record MyPluginOptions([Required, OptionPath(Folder = true, Writable = true)] string Path = "my-plugin");

/// <summary>Keeps all records in memory, and those of each session in a file.</summary>
public sealed partial class MyPluginStore(MyPluginOptions options, PluginContext context) : ISessionStore, IResourceHandover
{
    // The order of a search, and of open runs in reverse.
    private static readonly Comparer<RunPlace> NewestFirst = Comparer<RunPlace>.Create(RunPlace.Compare);

    private readonly MyPluginFiles _files = context.Share(context.ResolvePath(options.Path), () => new MyPluginFiles(context.ResolvePath(options.Path)));

    /// <inheritdoc/>
    public ValueTask AcquireAsync(CancellationToken cancellationToken) => _files.OpenAsync(cancellationToken);

    /// <inheritdoc/>
    public ValueTask ReleaseAsync(CancellationToken cancellationToken) => _files.CloseAsync(cancellationToken);

    /// <inheritdoc/>
    public ValueTask<Page<SessionRecord>> FindSessionsAsync(SessionQuery query, CancellationToken cancellationToken)
    {
        var found = _files.All.Select(e => e.Session)
            .Where(s => query.AllTenants || s.Key.Tenant == query.Tenant)
            .Where(s => query.Id is null || s.Key.Id == query.Id)
            .Where(s => query.IdleSince is not { } since || s.UpdatedAt < since)
            .OrderBy(s => query.IdleSince is null ? s.CreatedAt : s.UpdatedAt)
            .ThenBy(s => s.Key.Id, StringComparer.Ordinal).ThenBy(s => s.Key.Tenant, StringComparer.Ordinal);
        var page = Cut([.. found], query.Order, query.After, query.Before, s => s.Key.Tenant == query.Tenant ? s.Key.Id : "");
        return new(page.Take(query.Limit, maxBytes: null, _ => 0));
    }

    /// <inheritdoc/>
    public ValueTask<Page<RunRecord>> FindRunsAsync(RunQuery query, CancellationToken cancellationToken)
    {
        var runs = query is { SessionId: { } session, IdempotencyKey: null }
            ? _files.Find(new SessionKey(query.Tenant, session))?.Runs ?? []
            : _files.All.Where(e => e.Session.Key.Tenant == query.Tenant).SelectMany(e => e.Runs);
        // A key belongs to the run that was written last.
        if (query.IdempotencyKey is { } key) runs = runs.Where(r => r.Record.IdempotencyKey == key).OrderByDescending(r => r.Written).Take(1);
        var found = runs
            .Where(r => query.SessionId is null || r.Record.Session.Id == query.SessionId)
            .Where(r => query.RunId is null || r.Record.Id == query.RunId);
        var page = Cut([.. found], query.Order, query.After, query.Before, r => r.Record.Id).Take(query.Limit, query.MaxBytes, r => r.Document.Length);
        return new(new Page<RunRecord> { Items = [.. page.Items.Select(r => r.Record)], HasMore = page.HasMore });
    }

    /// <inheritdoc/>
    public ValueTask<RunSearchPage?> SearchRunsAsync(RunSearch search, CancellationToken cancellationToken) => new(search.Collect(
        _files.All.SelectMany(e => e.Runs).Select(r => r.Record)
            .Where(r => search.Start is not { } start || RunPlace.Compare(RunPlace.From(r), start) > 0)
            .OrderBy(RunPlace.From, NewestFirst)));

    /// <inheritdoc/>
    public ValueTask SaveAsync(SessionSave save, CancellationToken cancellationToken) => _files.ChangeAsync(
        save.Session.Key,
        stored =>
        {
            var version = stored?.Session.Version ?? 0;
            if (version != save.ExpectedVersion) throw new SessionConflictException(save.Session.Key, save.ExpectedVersion, version);
            var entry = (stored ?? new Entry(save.Session)) with { Session = save.Session };
            if (save.RemovedRun is { } removed) entry = entry.Without(removed);
            if (save is { EndsRun: true, Run: { } open }) entry = entry with { Open = entry.Open.RemoveAll(r => r.Record.Id == open.Id) };
            return save.Run is { } run ? entry.WithEnded(_files.Stamp(run)) : entry;
        },
        cancellationToken);

    /// <inheritdoc/>
    public ValueTask<int> DeleteAsync(SessionKey session, CancellationToken cancellationToken) => _files.DeleteAsync(session, cancellationToken);

    /// <summary>What is between the bounds of a query, from the end at which its page begins.</summary>
    private static Bounded<T> Cut<T>(List<T> items, ListOrder order, string? after, string? before, Func<T, string> id)
    {
        if (order == ListOrder.Descending) items.Reverse();
        if (after is not null) items = items.FindIndex(i => id(i) == after) is >= 0 and var start ? items[(start + 1)..] : [];
        if (before is not null) items = items[..Math.Max(0, items.FindIndex(i => id(i) == before))];
        return new(items, FromEnd: before is not null && after is null);
    }

    private sealed record Bounded<T>(List<T> Items, bool FromEnd)
    {
        public Page<T> Take(int limit, long? maxBytes, Func<T, long> size)
        {
            var (page, bytes) = (new List<T>(), 0L);
            if (FromEnd) Items.Reverse();
            foreach (var item in Items.Take(limit))
            {
                page.Add(item);
                if ((bytes += size(item)) >= maxBytes) break;
            }

            if (FromEnd) page.Reverse();
            return new() { Items = page, HasMore = Items.Count > page.Count };
        }
    }
}
