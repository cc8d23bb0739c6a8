using PluginHost.Sdk;

namespace PluginHost.Engine.Plugins;

/// <summary>A history whose calls go to the build of the plugin that has the resource now.</summary>
internal sealed class ReplaceableHistory(HandoverSlot slot) : IHistoryProvider
{
    /// <summary>The history that answers now.</summary>
    public IHistoryProvider Current => (IHistoryProvider)slot.Current;

    public ValueTask<Page<HistoryMessage>> LoadAsync(HistoryQuery query, CancellationToken cancellationToken) =>
        slot.CallAsync<IHistoryProvider, HistoryQuery, Page<HistoryMessage>>(query, static (h, q, ct) => h.LoadAsync(q, ct), cancellationToken);

    public async ValueTask AppendAsync(HistoryAppend append, CancellationToken cancellationToken) =>
        await slot.CallAsync<IHistoryProvider, HistoryAppend, bool>(
            append,
            static async (h, a, ct) =>
            {
                await h.AppendAsync(a, ct);
                return true;
            },
            cancellationToken);

    public ValueTask<int> DeleteAsync(HistoryDeletion deletion, CancellationToken cancellationToken) =>
        slot.CallAsync<IHistoryProvider, HistoryDeletion, int>(deletion, static (h, d, ct) => h.DeleteAsync(d, ct), cancellationToken);
}
