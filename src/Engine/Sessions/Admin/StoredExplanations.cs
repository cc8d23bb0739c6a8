using System.Runtime.CompilerServices;
using PluginHost.Engine.Explain.Kept;
using PluginHost.Engine.Sessions.Store;
using PluginHost.Sdk;

namespace PluginHost.Engine.Sessions.Admin;

/// <summary>Keeps explanations in the session store that serves, when it can. Thread-safe.</summary>
internal sealed class StoredExplanations(SessionAccess access) : IExplanationStore
{
    private const int RunsOfPage = 20;

    public async ValueTask<bool> TryWriteAsync(SessionKey session, string runId, byte[] document, long maxTenantBytes)
    {
        var write = new ExplanationWrite { Session = session, RunId = runId, Document = document, MaxTenantBytes = maxTenantBytes };
        try
        {
            return await access.LeasedAsync(set => set.Store.HasExplanations ? set.Store.WriteExplanationAsync(write) : new(false));
        }
        catch (Exception)
        {
            // Failures of the store are logged already. After the plugins have stopped there is no store.
            return false;
        }
    }

    public ValueTask<byte[]?> FindAsync(SessionKey session, string runId, CancellationToken cancellationToken) => access.LeasedAsync(async set =>
        set.Store.HasExplanations && await set.Store.ReadExplanationAsync(session, runId, cancellationToken) is { } document ? document.ToArray() : null);

    public async IAsyncEnumerable<(string RunId, byte[] Document)> ListAsync(SessionKey session, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var query = new RunQuery { Tenant = session.Tenant, SessionId = session.Id, Limit = RunsOfPage, MaxBytes = PageBytes.Max };
        while (true)
        {
            var page = await access.LeasedAsync(set => set.Store.FindRunsAsync(query, cancellationToken));
            foreach (var run in page.Items.Where(r => r.CompletedAt is not null))
            {
                if (await FindAsync(session, run.Id, cancellationToken) is { } document) yield return (run.Id, document);
            }

            if (!page.HasMore || page.Items.Count == 0) yield break;
            query = query with { After = page.Items[^1].Id };
        }
    }

    public async ValueTask ForgetAsync(SessionKey session) =>
        await access.LeasedAsync(set => set.Store.HasExplanations ? set.Store.DeleteExplanationsAsync(session) : new(0));
}
